import { expect, test } from 'vitest';
import { createFakeApiServer } from '../../support/fake-api-server.ts';
import { waitFor } from '../../support/wait-for.ts';
import { annotated, role, roleOf, runSources } from './running-sources.ts';

const mapping = { namespace: 'eks', name: 'pod-identity-webhook' };
const config = (...names: readonly string[]): { data: Record<string, string> } => ({
  data: { config: JSON.stringify(Object.fromEntries(names.map(name => [`shop/${name}`, { RoleARN: role(name) }]))) },
});

test('a mapping is edited, broken, mended and deleted, and each takes effect (E57, E60)', async () => {
  await using api = await createFakeApiServer();
  api.objects.put('serviceaccounts', 'shop', 'a');
  api.objects.put('serviceaccounts', 'shop', 'b');
  api.objects.put('configmaps', 'eks', 'pod-identity-webhook', config('a'));
  await using running = await runSources(api, { mapping });
  await running.ready();
  const roles = async (): Promise<string> =>
    `${roleOf(await running.ask('shop', 'a'))} ${roleOf(await running.ask('shop', 'b'))}`;
  const become = (expected: string): Promise<unknown> =>
    waitFor(async () => (await roles()) === expected, { what: expected });
  await become(`${role('a')} no_role`);
  api.objects.put('configmaps', 'eks', 'pod-identity-webhook', config('a', 'b'));
  await become(`${role('a')} ${role('b')}`);
  api.objects.put('configmaps', 'eks', 'pod-identity-webhook', { data: { config: '{"shop/a":' } });
  await waitFor(() => running.lines.some(line => line.level === 'warn'), { what: 'the warning' });
  await become(`${role('a')} ${role('b')}`);
  api.objects.put('configmaps', 'eks', 'pod-identity-webhook', config('b'));
  await become(`no_role ${role('b')}`);
  api.objects.put('configmaps', 'eks', 'pod-identity-webhook', { data: {} });
  await become('no_role no_role');
  api.objects.put('configmaps', 'eks', 'pod-identity-webhook', config('a'));
  await become(`${role('a')} no_role`);
  api.objects.delete('configmaps', 'eks', 'pod-identity-webhook');
  await become('no_role no_role');
});

test.each([{ streamsLists: true }, { streamsLists: false }])(
  'only the one ConfigMap is asked for, with streamed lists: $streamsLists (E63)',
  async options => {
    await using api = await createFakeApiServer(options);
    api.objects.put('configmaps', 'eks', 'other', config('a'));
    await using running = await runSources(api, { mapping });
    await running.ready();
    const asked = api.requests.filter(request => request.resource === 'configmaps');
    expect(asked.length).toBeGreaterThan(0);
    for (const request of asked) {
      expect(request.path).toBe('/api/v1/namespaces/eks/configmaps');
      expect(request.query.get('fieldSelector')).toBe('metadata.name=pod-identity-webhook');
    }
    expect(running.sources.status()).toContainEqual(
      expect.objectContaining({ resource: 'configmaps', synced: true, objects: 0 }),
    );
  },
);

test('an account’s own role wins over a mapped one, also when it has just come (E56, E41)', async () => {
  await using api = await createFakeApiServer();
  api.objects.put('configmaps', 'eks', 'pod-identity-webhook', config('a'));
  await using running = await runSources(api, { mapping, recentMs: 60_000 });
  await running.ready();
  api.objects.put('serviceaccounts', 'shop', 'a');
  expect(roleOf(await running.ask('shop', 'a'))).toBe(role('a'));
  api.watches.freeze();
  api.objects.put('serviceaccounts', 'shop', 'a', annotated('own'));
  expect(roleOf(await running.ask('shop', 'a'))).toBe(role('own'));
});

test('until the mapping has been read, only accounts with their own role are answered', async () => {
  await using api = await createFakeApiServer();
  api.objects.put('serviceaccounts', 'shop', 'own', annotated('own'));
  api.objects.put('serviceaccounts', 'shop', 'a');
  api.forbid('watch', 'configmaps');
  await using running = await runSources(api, { mapping });
  await running.knows(1);
  expect(roleOf(await running.ask('shop', 'own'))).toBe(role('own'));
  expect(roleOf(await running.ask('shop', 'a'))).toBe('mapping_not_synced');
});

test('a mapped role is answered while the API server is down (fault 11)', async () => {
  await using api = await createFakeApiServer();
  api.objects.put('serviceaccounts', 'shop', 'a');
  api.objects.put('serviceaccounts', 'shop', 'b');
  api.objects.put('configmaps', 'eks', 'pod-identity-webhook', config('a'));
  await using running = await runSources(api, { mapping });
  await running.ready();
  api.down();
  await waitFor(() => running.sources.health().kind === 'degraded', { what: 'the loss of the API server' });
  expect(roleOf(await running.ask('shop', 'a'))).toBe(role('a'));
  expect(roleOf(await running.ask('shop', 'b'))).toBe('lookup_failed');
});
