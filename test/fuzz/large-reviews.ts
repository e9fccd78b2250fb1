import { reviewOf } from '../admission/support.ts';

/** Bodies that are made to be expensive, of about `bytes` each. */
export interface LargeReview {
  readonly name: string;
  readonly build: (bytes: number) => string;
}

const prefix = 'eks.amazonaws.com';
const tokenPath = `/var/run/secrets/${prefix}/serviceaccount`;

/** So many copies of `entry` as fit, with commas between them. */
function repeat(entry: string, bytes: number): string {
  return new Array<string>(Math.max(1, Math.floor(bytes / (entry.length + 1)))).fill(entry).join(',');
}

/** So many entries as fit, each told its number. */
function numbered(entry: (index: number) => string, bytes: number): string {
  const count = Math.max(1, Math.floor(bytes / (entry(1_000_000).length + 1)));
  return Array.from({ length: count }, (_, index) => entry(index)).join(',');
}

/** A review whose pod has these fields, as JSON text, in its spec. */
function withSpec(fields: string): string {
  const spec = { serviceAccountName: 'app', marker: 0 };
  return reviewOf({ object: { metadata: { name: 'app' }, spec } }).replace('"marker":0', () => fields);
}

function withContainer(fields: string): string {
  return withSpec(`"containers":[{"name":"app",${fields}}]`);
}

function withAnnotation(name: string, value: string): string {
  const metadata = { name: 'app', annotations: { [`${prefix}/${name}`]: value } };
  return reviewOf({ object: { metadata, spec: { serviceAccountName: 'app', containers: [{ name: 'app' }] } } });
}

const windowsTerm = '{"matchExpressions":[{"operator":"In","key":"kubernetes.io/os","values":["windows"]}]}';

export const largeReviews: readonly LargeReview[] = [
  {
    name: 'white space before a stray quote in skip-containers',
    build: bytes => withAnnotation('skip-containers', `a${' '.repeat(bytes)}"`),
  },
  {
    name: 'one quoted name in skip-containers',
    build: bytes => withAnnotation('skip-containers', `"${'a'.repeat(bytes)}"`),
  },
  {
    name: 'a quote without an end in skip-containers',
    build: bytes => withAnnotation('skip-containers', `"${'a'.repeat(bytes)}`),
  },
  {
    name: 'doubled quotes in skip-containers',
    build: bytes => withAnnotation('skip-containers', `"${'""'.repeat(bytes / 4)}"`),
  },
  {
    name: 'names of no container in skip-containers',
    build: bytes => withAnnotation('skip-containers', numbered(String, bytes)),
  },
  {
    name: 'names of no container in include-containers',
    build: bytes => withAnnotation('include-containers', numbered(String, bytes)),
  },
  { name: 'empty names in skip-containers', build: bytes => withAnnotation('skip-containers', ','.repeat(bytes)) },
  { name: 'digits in token-expiration', build: bytes => withAnnotation('token-expiration', '9'.repeat(bytes)) },
  { name: 'empty containers', build: bytes => withSpec(`"containers":[${repeat('{}', bytes)}]`) },
  { name: 'containers that are none', build: bytes => withSpec(`"containers":[${repeat('0', bytes)}]`) },
  {
    name: 'read-only mounts above ours',
    build: bytes => withContainer(`"volumeMounts":[${repeat('{"mountPath":"/var","readOnly":true}', bytes)}]`),
  },
  {
    name: 'one mount path of many segments',
    build: bytes => withContainer(`"volumeMounts":[{"mountPath":"${'/a/..'.repeat(bytes / 5)}"}]`),
  },
  {
    name: 'mounts at every path that would be tried',
    build: bytes =>
      withContainer(`"volumeMounts":[${numbered(n => `{"mountPath":"${tokenPath}${n < 2 ? '' : `-${n}`}"}`, bytes)}]`),
  },
  {
    name: 'volumes of every name that would be tried',
    build: bytes =>
      withSpec(
        `"containers":[{}],"volumes":[${numbered(n => `{"name":"aws-iam-token${n < 2 ? '' : `-${n}`}"}`, bytes)}]`,
      ),
  },
  { name: 'variables', build: bytes => withContainer(`"env":[${repeat('{"name":"AWS_X"}', bytes)}]`) },
  {
    name: 'a volume of many sources',
    build: bytes =>
      withSpec(
        `"containers":[{}],"volumes":[{"name":"aws-iam-token","projected":{"sources":[${repeat('{}', bytes)}]}}]`,
      ),
  },
  {
    name: 'mounts of a volume of many sources',
    build: bytes => {
      const mount = repeat(`{"name":"v","mountPath":"${tokenPath}"}`, bytes / 2);
      const sources = repeat('{}', bytes / 2);
      return withSpec(
        `"containers":[{"volumeMounts":[${mount}]}],"volumes":[{"name":"v","projected":{"sources":[${sources}]}}]`,
      );
    },
  },
  {
    name: 'alternatives of a node affinity',
    build: bytes =>
      withSpec(
        '"containers":[{}],"affinity":{"nodeAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":' +
          `{"nodeSelectorTerms":[${repeat(windowsTerm, bytes)}]}}}`,
      ),
  },
  { name: 'a name', build: bytes => withSpec(`"containers":[{"name":"${'x'.repeat(bytes)}"}]`) },
  {
    name: 'ephemeral containers',
    build: bytes => {
      const request = { operation: 'UPDATE', subResource: 'ephemeralcontainers' };
      const pod =
        '{"spec":{"volumes":[{"name":"aws-iam-token","projected":{"sources":[{"serviceAccountToken":' +
        `{"audience":"sts.amazonaws.com","path":"token"}}]}}],"ephemeralContainers":[${numbered(n => `{"name":"${n}"}`, bytes)}]}}`;
      return reviewOf({ ...request, object: 0, oldObject: {} }).replace('"object":0', () => `"object":${pod}`);
    },
  },
];
