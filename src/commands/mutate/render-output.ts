import { respond } from '../../admission/respond.ts';
import type { Judgement } from '../../admission/judge.ts';
import type { AddOperation } from '../../injection/patch.ts';
import { applyPatches, operationsAt, type PlacedPatch } from '../../manifests/placed-patch.ts';
import type { ManifestObject } from '../../manifests/parse-manifests.ts';
import { splicePatches, type SplicedText } from '../../manifests/splice-patches.ts';
import { unifiedDiff } from '../../manifests/unified-diff.ts';
import { ownObject, ownString } from '../../util/json.ts';
import { CommandFailure } from '../common/command-failure.ts';
import type { InputText } from '../common/read-input.ts';
import type { Workload } from './workloads.ts';

export type MutateFormat = 'yaml' | 'json' | 'jsonpatch' | 'admissionreview' | 'diff';

/** What the webhook makes of a workload. */
export interface JudgedWorkload {
  readonly workload: Workload;
  readonly judgement: Judgement;
  /** For the pod or template; empty where it is not changed. */
  readonly operations: readonly AddOperation[];
}

/** A file of the input, its objects in order, and what the webhook makes of their pods. */
export interface MutatedInput {
  readonly input: InputText;
  readonly manifests: readonly ManifestObject[];
  readonly judged: readonly JudgedWorkload[];
}

/** Returns the result of the command. Throws ManifestProblem or CommandFailure where an input has no result in this format. */
export function renderOutput(inputs: readonly MutatedInput[], format: MutateFormat): string {
  return renderers[format](inputs);
}

const renderers: { readonly [format in MutateFormat]: (inputs: readonly MutatedInput[]) => string } = {
  yaml: inputs => joinDocuments(inputs.map(input => splice(input).text)),
  diff: inputs => inputs.map(toDiff).join(''),
  json: inputs => toJson(listOrOne(inputs.flatMap(mutatedObjects))),
  jsonpatch: inputs => toJson(patchesOrOne(inputs.flatMap(objectPatches))),
  admissionreview: inputs => admissionReviews(inputs.flatMap(({ judged }) => judged)),
};

function toDiff(mutated: MutatedInput): string {
  const { source, text } = mutated.input;
  return unifiedDiff(source, text, splice(mutated).edits);
}

function splice({ input, judged }: MutatedInput): SplicedText {
  const patches = judged.filter(({ operations }) => operations.length > 0).map(toPatch);
  return splicePatches(input.text, input.source, patches);
}

function toPatch({ workload: { manifest, path }, operations }: JudgedWorkload): PlacedPatch {
  return { document: manifest.document, path: [...manifest.path, ...path], operations };
}

/** Texts of several files as one stream of documents; a single text stays as it is to the byte. */
function joinDocuments(texts: readonly string[]): string {
  return texts.reduce((before, text) => {
    const lineEnd = before === '' || before.endsWith('\n') ? '' : '\n';
    // A directive, as %YAML, may only follow the end of a document.
    const marker = /^\uFEFF?%/.test(text) ? '...\n' : /^\uFEFF?---(?:\s|$)/.test(text) ? '' : '---\n';
    return `${before}${lineEnd}${marker}${text.replace(/^\uFEFF/, '')}`;
  });
}

function toJson(document: unknown): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}

/** As kubectl has it: one object alone, several as a list. */
function listOrOne(objects: readonly unknown[]): unknown {
  return objects.length === 1 ? objects[0] : { apiVersion: 'v1', kind: 'List', items: objects };
}

function mutatedObjects({ manifests, judged }: MutatedInput): readonly unknown[] {
  const byManifest = Map.groupBy(judged, ({ workload }) => workload.manifest);
  return manifests.map(manifest => {
    const patches = (byManifest.get(manifest) ?? []).map(({ workload: { path }, operations }) => ({
      document: manifest.document,
      path,
      operations,
    }));
    return applyPatches(manifest.object, patches);
  });
}

interface ObjectPatch {
  readonly source: string;
  readonly line: number;
  readonly apiVersion: string | undefined;
  readonly kind: string | undefined;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  /** For the object; that of an AdmissionReview for the object it asks about. */
  readonly patch: readonly AddOperation[];
}

function objectPatches({ judged }: MutatedInput): readonly ObjectPatch[] {
  return [...Map.groupBy(judged, ({ workload }) => workload.manifest)].map(([{ object, source, line }, workloads]) => {
    const metadata = ownObject(object, 'metadata') ?? {};
    return {
      source,
      line,
      apiVersion: ownString(object, 'apiVersion'),
      kind: ownString(object, 'kind'),
      namespace: ownString(metadata, 'namespace'),
      name: ownString(metadata, 'name'),
      patch: workloads.flatMap(({ workload: { isReview, path }, operations }) =>
        operationsAt(isReview ? [] : path, operations),
      ),
    };
  });
}

/** The patch of one object alone is what `kubectl patch --type=json` takes. */
function patchesOrOne(patches: readonly ObjectPatch[]): unknown {
  const [first, second] = patches;
  if (first !== undefined && second === undefined) return first.patch;
  return { apiVersion: 'irsa/v1', kind: 'PatchList', items: patches };
}

function admissionReviews(judged: readonly JudgedWorkload[]): string {
  const bodies = judged.map(bodyOf);
  const [first, second] = bodies;
  // One answer is that of the webhook to the byte.
  return first !== undefined && second === undefined
    ? `${first}\n`
    : toJson(listOrOne(bodies.map(body => JSON.parse(body))));
}

function bodyOf({ workload: { label, manifest }, judgement }: JudgedWorkload): string {
  const answer = respond(judgement, 'allow');
  if (answer.kind === 'answered') return answer.body;
  const { detail, reason } = judgement.decision;
  throw new CommandFailure(
    `${manifest.source}:${manifest.line}: ${label}: the webhook could not answer: ${detail} (${reason})`,
  );
}
