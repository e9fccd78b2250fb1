import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';
import { findTool } from '../../scripts/tools/tool.ts';
import { isObject, type JsonObject } from '../../src/util/json.ts';

export const chart: string = join(import.meta.dirname, '..', '..', 'charts', 'irsa-webhook');
const valuesFolder = join(import.meta.dirname, 'values');

export interface KubernetesObject extends JsonObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string } & JsonObject;
}

export interface RenderOptions {
  readonly values?: object;
  readonly namespace?: string;
  readonly release?: string;
  /** Groups with versions that the cluster knows beside its own. */
  readonly apiVersions?: readonly string[];
  readonly kubeVersion?: string;
  /** Another `helm` than the usual one. */
  readonly helm?: string;
}

export interface HelmResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs Helm with the values as a file; its answer may be a refusal. */
export function runHelm(
  command: readonly string[],
  { values = {}, namespace = 'irsa-system', release = 'irsa-webhook', ...options }: RenderOptions = {},
): Promise<HelmResult> {
  const { helm = findTool('helm'), kubeVersion = '1.36.0', apiVersions = [] } = options;
  const [subcommand = 'template', ...flags] = command;
  const names = subcommand === 'lint' ? [chart] : [release, chart];
  const args = [subcommand, ...names, ...flags, '--namespace', namespace, '--values', '-'];
  // The others have no such options.
  if (subcommand === 'template')
    args.push('--kube-version', kubeVersion, ...apiVersions.flatMap(v => ['--api-versions', v]));
  return new Promise(resolve => {
    const child = execFile(helm, args, { maxBuffer: 1 << 24 }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), stdout, stderr }),
    );
    child.stdin?.end(JSON.stringify(values));
  });
}

/** What `helm template` prints. Throws with Helm's own words when it refuses. */
export async function renderText(options: RenderOptions = {}): Promise<string> {
  const { code, stdout, stderr } = await runHelm(['template'], options);
  if (code !== 0) throw new Error(stderr);
  return stdout;
}

/** The objects of the chart, its tests included. */
export async function render(options: RenderOptions = {}): Promise<readonly KubernetesObject[]> {
  return parseObjects(await renderText(options));
}

/** Why Helm refuses the values. Throws when it does not. */
export async function refusal(options: RenderOptions): Promise<string> {
  const { code, stdout, stderr } = await runHelm(['template'], options);
  if (code === 0) throw new Error(`expected Helm to refuse the values, found:\n${stdout}`);
  return stderr;
}

export function parseObjects(text: string): readonly KubernetesObject[] {
  return parseAllDocuments(text).flatMap(document => {
    if (document.errors[0] !== undefined) throw document.errors[0];
    const object: unknown = document.toJS();
    if (object === null) return [];
    if (!isKubernetesObject(object)) throw new Error(`expected a Kubernetes object, found ${JSON.stringify(object)}`);
    return [object];
  });
}

function isKubernetesObject(value: unknown): value is KubernetesObject {
  return isObject(value) && typeof value['kind'] === 'string' && isObject(value['metadata']);
}

/** The one object of the kind; with the suffix after the full name when it is given. */
export function find(objects: readonly KubernetesObject[], kind: string, name?: string): KubernetesObject {
  const found = objects.filter(object => object.kind === kind && (name === undefined || object.metadata.name === name));
  const [object] = found;
  if (object === undefined || found.length > 1) {
    throw new Error(
      `expected one ${kind} ${name ?? ''}, found ${found.length}: ${objects.map(o => o.kind).join(', ')}`,
    );
  }
  return object;
}

/** The files of test/chart/values by name. */
export async function readValuesFiles(): Promise<readonly { readonly name: string; readonly values: object }[]> {
  const names = (await readdir(valuesFolder)).filter(name => name.endsWith('.yaml'));
  return await Promise.all(
    names.map(async name => ({
      name: name.slice(0, -'.yaml'.length),
      values: parse(await readFile(join(valuesFolder, name), 'utf8')) as object,
    })),
  );
}
