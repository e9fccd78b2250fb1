import { randomUUID } from 'node:crypto';
import { Agent } from 'node:https';
import fastJsonPatch, { type Operation } from 'fast-json-patch';
import { isObject, listAt, objectAt, textAt, type JsonObject } from '../../src/util/json.ts';
import type { KubernetesClient } from '../support/cluster/client.ts';
import { postReview, type ReviewedBy } from './aws-webhook.ts';

/** What becomes of a pod that a webhook has reviewed. */
export type Result =
  | { readonly kind: 'created'; readonly pod: JsonObject }
  | { readonly kind: 'refused'; readonly message: string };

/** One pod as kube-apiserver sends it to webhooks, and what it stores after each. */
export interface Pair {
  readonly pod: JsonObject;
  readonly aws: Result;
  readonly own: Result;
}

export interface Comparison extends Disposable {
  /** Undefined for a pod that kube-apiserver refuses without any webhook. */
  compare(pod: object): Promise<Pair | undefined>;
}

/** Creates what asks both webhooks, and kube-apiserver, by dry runs, for what it makes of their patches. */
export function createComparison(
  client: KubernetesClient,
  namespace: string,
  webhooks: { readonly aws: ReviewedBy; readonly own: ReviewedBy },
): Comparison {
  const agent = new Agent({ keepAlive: true });
  const create = async (pod: object): Promise<Result> => {
    const { status, body } = await client.create(`/api/v1/namespaces/${namespace}/pods`, pod, { dryRun: true });
    if (status < 300) return { kind: 'created', pod: withoutChance(body) };
    return { kind: 'refused', message: textAt(body, 'message') ?? '' };
  };
  const resultOf = async (webhook: ReviewedBy, pod: JsonObject): Promise<Result> => {
    const answer = await postReview(webhook, agent, JSON.stringify(reviewOf(namespace, pod)));
    const patched = patchedBy(answer, pod);
    return patched === undefined ? { kind: 'refused', message: answer } : create(patched);
  };
  return {
    async compare(pod) {
      const before = await create(pod);
      if (before.kind === 'refused') return undefined;
      const [aws, own] = await Promise.all([resultOf(webhooks.aws, before.pod), resultOf(webhooks.own, before.pod)]);
      return { pod: before.pod, aws, own };
    },
    [Symbol.dispose]: () => agent.destroy(),
  };
}

function reviewOf(namespace: string, object: JsonObject): object {
  const pods = { group: '', version: 'v1', resource: 'pods' };
  const kind = { group: '', version: 'v1', kind: 'Pod' };
  const request = { uid: randomUUID(), kind, resource: pods, namespace, operation: 'CREATE', object };
  return { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request };
}

/** The pod with the patch of the answer; undefined where the answer denies it, or is no answer. */
function patchedBy(answer: string, pod: JsonObject): JsonObject | undefined {
  const response = objectAt(JSON.parse(answer), 'response');
  if (response?.['allowed'] !== true) return undefined;
  const patch = textAt(response, 'patch');
  if (patch === undefined) return pod;
  const operations: Operation[] = JSON.parse(Buffer.from(patch, 'base64').toString('utf8'));
  return fastJsonPatch.applyPatch(structuredClone(pod), operations, true).newDocument;
}

/** Without what differs from one creation to the next: times, identifiers, and the name of the volume of the API token. */
function withoutChance(pod: JsonObject): JsonObject {
  const {
    uid: _uid,
    creationTimestamp: _time,
    managedFields: _fields,
    generation: _generation,
    ...metadata
  } = objectAt(pod, 'metadata') ?? {};
  const spec = JSON.stringify(objectAt(pod, 'spec')).replaceAll(
    /kube-api-access-[a-z0-9]{5}/g,
    'kube-api-access-00000',
  );
  return { apiVersion: 'v1', kind: 'Pod', metadata, spec: JSON.parse(spec) };
}

/** Returns what both webhooks were asked for and what they made of it, short enough to be read. */
export function describePair({ pod, aws, own }: Pair): string {
  const before = describeResult({ kind: 'created', pod });
  return `account ${textAt(pod, 'spec', 'serviceAccountName')}\n  pod ${before}\n  aws ${describeResult(aws)}\n  own ${describeResult(own)}`;
}

/** All but the API token, which every pod has. */
function describeResult(result: Result): string {
  if (result.kind === 'refused') return `refused: ${result.message}`;
  const { metadata, spec } = result.pod;
  const containers = [...listAt(spec, 'initContainers'), ...listAt(spec, 'containers')].filter(isObject);
  const lists = containers.map(({ name, env, volumeMounts, envFrom }) => ({
    name,
    env,
    envFrom,
    volumeMounts: listAt({ volumeMounts }, 'volumeMounts').filter(isOfUser),
  }));
  const nodeSelector = objectAt(spec, 'nodeSelector');
  return JSON.stringify({ metadata, nodeSelector, volumes: listAt(spec, 'volumes').filter(isOfUser), lists });
}

function isOfUser(named: unknown): boolean {
  return textAt(named, 'name')?.startsWith('kube-api-access') !== true;
}
