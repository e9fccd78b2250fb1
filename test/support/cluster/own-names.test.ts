import { describe, expect, test } from 'vitest';
import type { KubernetesClient } from './client.ts';
import { ownerOf, withOwnNames } from './own-names.ts';

const files = ['token.test.ts', 'token-commands.test.ts', 'check.test.ts'];

describe('ownerOf()', () => {
  test.each([
    { name: 'token', owner: 'token.test.ts' },
    { name: 'token-other', owner: 'token.test.ts' },
    { name: 'token-commands', owner: 'token-commands.test.ts' },
    { name: 'token-commands-other', owner: 'token-commands.test.ts' },
    { name: 'tokens', owner: undefined },
    { name: 'team-a', owner: undefined },
    { name: '', owner: undefined },
  ])('gives "$name" to $owner', ({ name, owner }) => {
    expect(ownerOf(name, files)).toBe(owner);
  });
});

describe('withOwnNames()', () => {
  const answer = { status: 201, body: {}, warnings: [] };
  const client: KubernetesClient = {
    get: async () => answer,
    create: async () => answer,
    replace: async () => answer,
    patch: async () => answer,
    delete: async () => answer,
    [Symbol.dispose]: () => undefined,
  };
  const own = withOwnNames(client, import.meta.filename, ['monitoring']);
  const named = (name: string): object => ({ metadata: { name } });

  test.each([
    { path: '/api/v1/namespaces', name: 'own-names' },
    { path: '/api/v1/namespaces', name: 'own-names-other' },
    { path: '/api/v1/namespaces', name: 'monitoring' },
    { path: '/api/v1/namespaces/own-names/pods', name: 'app' },
  ])('lets a file create $path $name', async ({ path, name }) => {
    expect(await own.create(path, named(name))).toBe(answer);
  });

  test.each([
    { path: '/api/v1/namespaces', name: 'team-a' },
    { path: '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations', name: 'build' },
    { path: '/apis/rbac.authorization.k8s.io/v1/clusterroles', name: '' },
  ])('refuses $path "$name"', ({ path, name }) => {
    expect(() => own.create(path, named(name))).toThrow(`${path}: the name "${name}" does not begin with "own-names"`);
  });

  test('lets it try another name without creating anything', async () => {
    expect(await own.create('/api/v1/namespaces', named('team-a'), { dryRun: true })).toBe(answer);
  });
});
