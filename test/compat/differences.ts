import { isObject, listAt, textAt, type JsonObject } from '../../src/util/json.ts';
import type { Pair } from './compare-pods.ts';
import { accounts, tokenFolder } from './pod-arbitrary.ts';

/** A row of `docs/differences.md`, by the text of its first cell, and whether a pod is one of those that it is about. */
export interface Difference {
  readonly row: string;
  readonly isAbout: (pair: Pair) => boolean;
}

export const differences: readonly Difference[] = [
  {
    row: 'all containers skipped, or configured by the user',
    isAbout: ({ pod }) => containersOf(pod).every(entry => isSkipped(pod, entry) || identityVariables(entry) === 2),
  },
  {
    row: 'only one of the two identity variables is set',
    isAbout: ({ pod }) => containersOf(pod).some(entry => identityVariables(entry) === 1),
  },
  {
    row: "something is mounted at the token's path",
    isAbout: ({ pod }) => containersOf(pod).some(entry => mountsOf(entry).some(({ path }) => path === tokenFolder)),
  },
  {
    row: "another volume has the token volume's name",
    isAbout: ({ pod }) => listAt(pod, 'spec', 'volumes').some(isImpostor(audienceOf(pod))),
  },
  {
    row: 'the token volume is mounted elsewhere in the container',
    isAbout: ({ pod }) => containersOf(pod).some(entry => mountsOf(entry).some(({ name }) => name === 'aws-iam-token')),
  },
  {
    row: "something is mounted below the token's path, or read-only above it",
    isAbout: ({ pod }) => containersOf(pod).some(entry => mountsOf(entry).some(({ path }) => isNearToken(path))),
  },
  { row: '`audience: ""`', isAbout: ({ pod }) => annotationsOf(pod)['audience'] === '' },
  {
    row: 'white space around `role-arn` and other values',
    isAbout: ({ pod }) => Object.values(annotationsOf(pod)).some(value => value !== value.trim()),
  },
  {
    row: '`token-expiration` above 2^32',
    isAbout: ({ pod }) =>
      Number(textAt(pod, 'metadata', 'annotations', 'eks.amazonaws.com/token-expiration')) > 2 ** 32,
  },
  { row: '`skip-containers: "a, b"`', isAbout: ({ pod }) => skipList(pod).includes(' ') },
];

function annotationsOf(pod: JsonObject): { readonly [annotation: string]: string } {
  return accounts[textAt(pod, 'spec', 'serviceAccountName') ?? ''] ?? {};
}

function audienceOf(pod: JsonObject): string {
  return annotationsOf(pod)['audience'] || 'sts.amazonaws.com';
}

function containersOf(pod: JsonObject): readonly JsonObject[] {
  return [...listAt(pod, 'spec', 'initContainers'), ...listAt(pod, 'spec', 'containers')].filter(isObject);
}

function skipList(pod: JsonObject): string {
  return textAt(pod, 'metadata', 'annotations', 'eks.amazonaws.com/skip-containers') ?? '';
}

function isSkipped(pod: JsonObject, container: JsonObject): boolean {
  return skipList(pod)
    .split(',')
    .some(name => name.trim() === textAt(container, 'name'));
}

/** How many of `AWS_ROLE_ARN` and `AWS_WEB_IDENTITY_TOKEN_FILE` the container has, whatever their value. */
function identityVariables(container: JsonObject): number {
  const names = new Set(listAt(container, 'env').map(variable => textAt(variable, 'name')));
  return ['AWS_ROLE_ARN', 'AWS_WEB_IDENTITY_TOKEN_FILE'].filter(name => names.has(name)).length;
}

function mountsOf(container: JsonObject): readonly { readonly name: string; readonly path: string }[] {
  return listAt(container, 'volumeMounts').map(mount => ({
    name: textAt(mount, 'name') ?? '',
    path: textAt(mount, 'mountPath') ?? '',
  }));
}

function isNearToken(path: string): boolean {
  return (
    path.startsWith(`${tokenFolder}/`) ||
    ['/var', '/var/run', '/run', '/var/run/secrets', '/run/secrets'].includes(path)
  );
}

/** True for a volume that has the token volume's name and not the token that the account asks for. */
function isImpostor(audience: string): (volume: unknown) => boolean {
  return volume =>
    textAt(volume, 'name') === 'aws-iam-token' &&
    !listAt(volume, 'projected', 'sources').some(
      source => textAt(source, 'serviceAccountToken', 'audience') === audience,
    );
}
