import { KubernetesError, hasCode } from '../kubernetes/kubernetes-error.ts';
import { nameOf, namespaceOf } from '../kubernetes/objects.ts';
import { namespacedPath } from '../kubernetes/paths.ts';
import { objectsAt, ownString, type JsonObject } from '../util/json.ts';
import { readLines, type ClusterReader } from './reader.ts';

/** What one pod of the webhook says of itself. */
export type PodMetrics =
  | { readonly kind: 'metrics'; readonly pod: string; readonly samples: readonly Sample[] }
  /** The API server has no way to it, or it answers no metrics. */
  | { readonly kind: 'unreachable'; readonly pod: string; readonly detail: string };

/** More replicas tell nothing new. */
const maxPods = 10;
/** Of a page for Prometheus, only what is our own: build, certificates, caches. */
const ownPrefix = 'irsa_webhook_';
/** A page of ours has some hundred such lines. */
const maxSamples = 5_000;

/**
 * Reads the metrics of running pods by the API server's proxy, which needs `get` on `pods/proxy`. Rejects with KubernetesError
 * where that is forbidden.
 */
export async function readPodMetrics(
  cluster: ClusterReader,
  pods: readonly JsonObject[],
  port: number,
): Promise<readonly PodMetrics[]> {
  const running = pods.filter(pod => isReady(pod)).slice(0, maxPods);
  return Promise.all(running.map(pod => readOne(cluster, pod, port)));
}

/** True when the pod has the condition Ready. */
function isReady(pod: JsonObject): boolean {
  return objectsAt(pod, 'status', 'conditions').some(
    condition => ownString(condition, 'type') === 'Ready' && ownString(condition, 'status') === 'True',
  );
}

async function readOne(cluster: ClusterReader, pod: JsonObject, port: number): Promise<PodMetrics> {
  const name = nameOf(pod);
  const path = `${namespacedPath('pods', namespaceOf(pod))}/${encodeURIComponent(`${name}:${port}`)}/proxy/metrics`;
  const samples: Sample[] = [];
  try {
    for await (const line of readLines(cluster, path)) {
      const sample = line.startsWith(ownPrefix) ? parseSample(line) : undefined;
      if (sample !== undefined && samples.length < maxSamples) samples.push(sample);
    }
    return { kind: 'metrics', pod: name, samples };
  } catch (error) {
    if (!(error instanceof KubernetesError) || hasCode(error, 'forbidden', 'aborted')) throw error;
    return { kind: 'unreachable', pod: name, detail: error.message };
  }
}

/** One value of a page of metrics. */
export interface Sample {
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly value: number;
}

const sampleLine = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? ([^ ]+)/;
const labelPair = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"/g;

/**
 * Reads one line of Prometheus' text format; undefined for comments and for what is no sample.
 * https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
 */
export function parseSample(line: string): Sample | undefined {
  const match = sampleLine.exec(line);
  if (match === null) return undefined;
  const [, name = '', labels = '', value = ''] = match;
  const pairs = Array.from(labels.matchAll(labelPair), ([, label = '', text = '']) => [label, unescape(text)] as const);
  return { name, labels: new Map(pairs), value: Number(value) };
}

function unescape(text: string): string {
  return text.replaceAll(/\\(.)/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped));
}
