import type { CheckOutcome, CheckOptions } from '../../src/checks/check.ts';
import { ownObject, type JsonObject } from '../../src/util/json.ts';
import type { KubernetesObject } from '../chart/helm.ts';
import { metricsPath, podNames, withEntries, type HealthyCluster } from './healthy-cluster.ts';

/** Makes a healthy cluster another one. */
export type Change = (cluster: HealthyCluster) => void;

/** What one check says of a changed cluster. */
export interface Variation {
  readonly code: string;
  readonly when: string;
  readonly change: Change;
  readonly expected: CheckOutcome['status'];
  readonly detail: string | RegExp;
  readonly options?: Partial<CheckOptions>;
}

export const registration = 'MutatingWebhookConfiguration';
export const name = 'irsa-webhook';

/** A change of one field of every entry of our registration. */
export function entries(change: (entry: JsonObject, index: number) => JsonObject): Change {
  return cluster => cluster.change(registration, name, object => withEntries(object, change));
}

export function target(change: JsonObject): Change {
  return entries(entry => {
    const clientConfig = ownObject(entry, 'clientConfig') ?? {};
    const service = { ...ownObject(clientConfig, 'service'), ...change };
    return { ...entry, clientConfig: { ...clientConfig, service } };
  });
}

export function bundle(pem: string): Change {
  const caBundle = Buffer.from(pem).toString('base64');
  return entries(entry => ({ ...entry, clientConfig: { ...ownObject(entry, 'clientConfig'), caBundle } }));
}

export function gone(kind: string, of: string): Change {
  return cluster => cluster.change(kind, of, () => undefined);
}

export function deployment(change: (spec: JsonObject) => JsonObject): Change {
  return cluster =>
    cluster.change('Deployment', name, object => ({ ...object, spec: change(ownObject(object, 'spec') ?? {}) }));
}

export function status(fields: JsonObject): Change {
  return cluster => cluster.change('Deployment', name, object => ({ ...object, status: fields }));
}

/** Adds flags to the container of the webhook. */
export function flags(...added: readonly string[]): Change {
  return deployment(spec => {
    const text = JSON.stringify(spec).replace(
      '"--in-cluster=false"',
      ['--in-cluster=false', ...added].map(flag => JSON.stringify(flag)).join(),
    );
    return JSON.parse(text);
  });
}

export function add(...objects: readonly KubernetesObject[]): Change {
  return ({ api }) => void api.objects.push(...objects);
}

export function answer(path: string, body: unknown, code = 200): Change {
  return ({ api }) => void api.answers.set(path, { status: code, body });
}

export function metrics(page: string): Change {
  return cluster => podNames.forEach(pod => answer(metricsPath(pod), page)(cluster));
}

export function create(path: RegExp, code: number, body: unknown): Change {
  return ({ api }) =>
    void api.creations.unshift(posted => (path.test(posted.path) ? { status: code, body } : undefined));
}

export function both(...changes: readonly Change[]): Change {
  return cluster => changes.forEach(change => change(cluster));
}

/** The body of an answer that refuses. */
export function refusal(message: string): object {
  return { kind: 'Status', status: 'Failure', reason: 'Forbidden', message };
}
