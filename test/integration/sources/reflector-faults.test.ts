import { describe, expect, test } from 'vitest';
import { createFakeApiServer, fakeToken } from '../../support/fake-api-server.ts';
import { waitFor } from '../../support/wait-for.ts';
import { annotated, quickReflector, role, roleOf, runSources } from './running-sources.ts';

const sleep = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms));

test('known roles are answered while the API server is down, and the watch returns with it (fault 11)', async () => {
  await using api = await createFakeApiServer();
  for (let index = 0; index < 100; index += 1) {
    api.objects.put('serviceaccounts', 'shop', `a${index}`, annotated(`a${index}`));
  }
  await using running = await runSources(api);
  await running.ready();
  api.down();
  await waitFor(() => running.sources.health().kind === 'degraded', { what: 'the loss of the API server' });
  for (let index = 0; index < 100; index += 1) {
    expect(roleOf(running.askNow('shop', `a${index}`))).toBe(role(`a${index}`));
  }
  expect(running.sources.synced()).toBe(true);
  expect(roleOf(await running.ask('shop', 'unknown'))).toBe('lookup_failed');
  api.objects.put('serviceaccounts', 'shop', 'new', annotated('new'));
  api.up();
  await waitFor(() => running.sources.health().kind === 'healthy', { what: 'the watch to return' });
  await running.knows(101);
});

describe.each([{ streamsLists: true }, { streamsLists: false }])('with streamed lists: $streamsLists', options => {
  test('410 leads to a new list, during which everything known is answered (E44, fault 12)', async () => {
    await using api = await createFakeApiServer(options);
    api.objects.put('serviceaccounts', 'shop', 'kept', annotated('kept'));
    api.objects.put('serviceaccounts', 'shop', 'gone', annotated('gone'));
    await using running = await runSources(api);
    await running.ready();
    await waitFor(() => api.watches.size === 1, { what: 'the watch' });
    const { promise: until, resolve: release } = Promise.withResolvers<void>();
    api.faults.plan(options.streamsLists ? 'watch' : 'list', { kind: 'hold', until });
    api.watches.freeze();
    api.objects.delete('serviceaccounts', 'shop', 'gone');
    api.objects.put('serviceaccounts', 'shop', 'new', annotated('new'));
    api.objects.put('serviceaccounts', 'shop', 'newer', annotated('newer'));
    api.objects.compact();
    api.watches.thaw();
    api.requests.length = 0;
    api.watches.expire();
    await waitFor(() => api.requests.length > 0, { what: 'the new list' });
    expect(roleOf(running.askNow('shop', 'kept'))).toBe(role('kept'));
    expect(roleOf(running.askNow('shop', 'gone'))).toBe(role('gone'));
    release();
    await running.knows(3);
    expect(roleOf(running.askNow('shop', 'new'))).toBe(role('new'));
    expect(roleOf(await running.ask('shop', 'gone'))).toBe('service_account_not_found');
    expect(running.restarts).toContain('serviceaccounts expired');
  });

  test('a history that was turned back is listed anew, as after a restore of etcd', async () => {
    await using api = await createFakeApiServer(options);
    api.objects.put('serviceaccounts', 'shop', 'gone', annotated('gone'));
    await using running = await runSources(api);
    await running.ready();
    await waitFor(() => api.watches.size === 1, { what: 'the watch' });
    api.watches.freeze();
    api.objects.delete('serviceaccounts', 'shop', 'gone');
    api.objects.rewind(10);
    api.objects.put('serviceaccounts', 'shop', 'api', annotated('api'));
    api.objects.put('serviceaccounts', 'shop', 'web', annotated('web'));
    const message = 'Too large resource version';
    api.faults.plan('watch', { kind: 'status', status: 504, reason: 'Timeout', message });
    api.watches.cut();
    api.watches.thaw();
    await running.knows(2);
    expect(roleOf(running.askNow('shop', 'api'))).toBe(role('api'));
    expect(roleOf(await running.ask('shop', 'gone'))).toBe('service_account_not_found');
  });
});

test('a compacted version is noticed when the watch is opened again (E44)', async () => {
  await using api = await createFakeApiServer();
  await using running = await runSources(api);
  await running.ready();
  api.watches.freeze();
  api.objects.put('serviceaccounts', 'shop', 'api', annotated('api'));
  api.objects.compact();
  api.watches.thaw();
  api.watches.end();
  await running.knows(1);
  expect(running.restarts).toEqual(expect.arrayContaining(['serviceaccounts closed', 'serviceaccounts expired']));
});

test('a watch that falls silent is given up and opened again (fault 13)', async () => {
  await using api = await createFakeApiServer({ bookmarkMs: 100 });
  await using running = await runSources(api, { reflector: { ...quickReflector, silenceMs: 1_000 } });
  await running.ready();
  api.watches.freeze();
  api.objects.put('serviceaccounts', 'shop', 'api', annotated('api'));
  await running.knows(1);
  expect(running.restarts).toEqual(['serviceaccounts timeout']);
});

test('a frozen watch stops vouching for accounts without role before it is given up (fault 13)', async () => {
  await using api = await createFakeApiServer({ bookmarkMs: 50 });
  api.objects.put('serviceaccounts', 'shop', 'api');
  const reflector = { ...quickReflector, liveMs: 300, firstLiveMs: 300, silenceMs: 60_000 };
  await using running = await runSources(api, { reflector });
  await running.ready();
  api.watches.freeze();
  api.objects.put('serviceaccounts', 'shop', 'api', annotated('api'));
  await waitFor(() => running.askNow('shop', 'api') === 'asks the API server', { what: 'the doubt' });
  expect(roleOf(await running.ask('shop', 'api'))).toBe(role('api'));
  expect(running.restarts).toEqual([]);
});

test('bookmarks are the sign of life of a quiet watch (fault 13)', async () => {
  await using api = await createFakeApiServer({ bookmarkMs: 100 });
  await using running = await runSources(api, { reflector: { ...quickReflector, silenceMs: 1_000 } });
  await running.ready();
  await sleep(1_500);
  expect(running.restarts).toEqual([]);
});

test('every failure is tried again with growing waits, never in a busy loop (fault 14)', async () => {
  await using api = await createFakeApiServer();
  api.faults.plan('watch', { kind: 'status', status: 500 }, 10_000);
  const reflector = { ...quickReflector, backoff: { floorMs: 50, ceilingMs: 400 } };
  await using running = await runSources(api, { reflector, random: () => 1 });
  await waitFor(() => api.count('watch') >= 5, { what: 'five attempts' });
  const times = api.requests.map(request => request.atMs);
  const waits = times.slice(1).map((time, index) => time - (times[index] ?? 0));
  // A wait may be longer on a busy machine, never shorter; timers may fire a millisecond early.
  for (const [index, least] of [100, 200, 400, 400].entries()) expect(waits[index]).toBeGreaterThanOrEqual(least - 2);
  api.faults.clear();
  await running.ready();
});

test('Retry-After is honoured (fault 14)', async () => {
  await using api = await createFakeApiServer();
  api.faults.plan('watch', { kind: 'status', status: 429, retryAfter: 1 });
  await using running = await runSources(api);
  await running.ready();
  const [first, second] = api.requests.map(request => request.atMs);
  expect((second ?? 0) - (first ?? 0)).toBeGreaterThanOrEqual(998);
});

test('a server that closes every watch at once is not asked in a busy loop', async () => {
  await using api = await createFakeApiServer();
  await using running = await runSources(api, { random: () => 1 });
  await running.ready();
  api.requests.length = 0;
  api.faults.plan('watch', { kind: 'body', body: '' }, 10_000);
  api.watches.end();
  await sleep(1_000);
  // Waits of 40, 80, 160, 200, 200 … ms leave room for eight.
  expect(api.count('watch')).toBeLessThanOrEqual(9);
  expect(running.sources.health()).toMatchObject({ kind: 'degraded' });
});

test('a server that answers every watch with 410 is not listed in a busy loop', async () => {
  await using api = await createFakeApiServer({ streamsLists: false });
  await using running = await runSources(api, { random: () => 1 });
  await running.ready();
  await waitFor(() => api.watches.size === 1, { what: 'the watch' });
  api.requests.length = 0;
  api.faults.plan('watch', { kind: 'status', status: 410 }, 10_000);
  api.watches.expire();
  await sleep(1_000);
  expect(api.count('list')).toBeLessThanOrEqual(9);
});

test.each([
  { name: 'garbage', break: 'garbage' },
  { name: 'an event without version', break: '{"type":"ADDED","object":{}}' },
  { name: 'an event with a version that is no number', break: eventOf({ version: 'zzzz' }) },
  { name: 'an event about an object of another kind', break: eventOf({ kind: 'Pod', version: '999999' }) },
  { name: 'an ERROR event', break: '{"type":"ERROR","object":{"code":500,"message":"etcd"}}' },
])('$name on the watch does not end it for good', async ({ break: line }) => {
  await using api = await createFakeApiServer();
  await using running = await runSources(api);
  await running.ready();
  api.watches.send(line);
  await waitFor(() => running.restarts.includes('serviceaccounts error'), { what: 'the restart' });
  api.objects.put('serviceaccounts', 'shop', 'api', annotated('api'));
  await running.knows(1);
  expect(roleOf(running.askNow('shop', 'api'))).toBe(role('api'));
});

/** An event that gives the account `shop/api` a role that it does not have. */
function eventOf({ kind = 'ServiceAccount', version }: { readonly kind?: string; readonly version: string }): string {
  const metadata = { namespace: 'shop', name: 'api', resourceVersion: version, ...annotated('mixed-up') };
  return JSON.stringify({ type: 'ADDED', object: { kind, apiVersion: 'v1', metadata } });
}

test('an unknown kind of event is passed over', async () => {
  await using api = await createFakeApiServer();
  await using running = await runSources(api);
  await running.ready();
  api.watches.send('{"type":"PAUSED","object":{}}');
  api.objects.put('serviceaccounts', 'shop', 'api', annotated('api'));
  await running.knows(1);
  expect(running.restarts).toEqual([]);
});

test('a list that is cut half-way leaves nothing half-known, and is made again', async () => {
  await using api = await createFakeApiServer();
  api.objects.put('serviceaccounts', 'shop', 'api', annotated('api'));
  api.faults.plan('watch', { kind: 'cut_body' }, 2);
  api.faults.plan('watch', { kind: 'body', body: '{"type":"ADDED","object":{"metadata":{"resourceVersion":"1"}}}\n' });
  await using running = await runSources(api);
  await running.ready();
  expect(roleOf(running.askNow('shop', 'api'))).toBe(role('api'));
  expect(api.count('watch')).toBe(4);
});

test('a server that knows no streamed lists is asked for pages, and not for streams again', async () => {
  await using api = await createFakeApiServer({ streamsLists: false });
  await using running = await runSources(api);
  await running.ready();
  await waitFor(() => api.watches.size === 1, { what: 'the watch' });
  api.objects.compact();
  api.objects.put('serviceaccounts', 'shop', 'api', annotated('api'));
  api.watches.expire();
  await waitFor(() => api.count('list') === 2, { what: 'the second list' });
  await running.ready();
  expect(api.requests.filter(request => request.query.has('sendInitialEvents'))).toHaveLength(1);
});

test('a server that begins a streamed list and never ends it is asked for pages', async () => {
  await using api = await createFakeApiServer();
  api.objects.put('serviceaccounts', 'shop', 'api', annotated('api'));
  api.watches.freezeAll();
  await using running = await runSources(api, { reflector: { ...quickReflector, listSilenceMs: 200 } });
  await waitFor(() => running.sources.synced(), { what: 'the list in pages' });
  expect(api.count('list')).toBe(1);
});

test('watches ask for bookmarks and for an end at random between 300 and 600 s', async () => {
  await using api = await createFakeApiServer();
  await using running = await runSources(api, { random: () => 0.5 });
  await running.ready();
  expect(Object.fromEntries(api.requests[0]?.query ?? [])).toEqual({
    watch: 'true',
    allowWatchBookmarks: 'true',
    sendInitialEvents: 'true',
    resourceVersionMatch: 'NotOlderThan',
    timeoutSeconds: '450',
  });
});

test('a rotated token is read at once, and the watch goes on with it (fault 24)', async () => {
  await using api = await createFakeApiServer();
  await using running = await runSources(api);
  await running.ready();
  await running.pod.writeToken('second-token');
  api.tokens.delete(fakeToken);
  api.tokens.add('second-token');
  api.watches.end();
  api.objects.put('serviceaccounts', 'shop', 'api', annotated('api'));
  await running.knows(1);
  expect(running.requests.filter(code => code === '401')).toHaveLength(1);
  expect(running.sources.health()).toEqual({ kind: 'healthy' });
});

test('missing RBAC for ServiceAccounts is told in words, and mended without a restart (E149)', async () => {
  await using api = await createFakeApiServer();
  api.forbid('watch', 'serviceaccounts');
  await using running = await runSources(api);
  await waitFor(() => running.requests.includes('403'), { what: 'the refusal' });
  await waitFor(() => running.sources.health().kind === 'unhealthy', { what: 'the reason' });
  const health = running.sources.health();
  expect(health).toMatchObject({
    kind: 'unhealthy',
    detail: expect.stringMatching(
      /serviceaccounts is forbidden: User ".*" cannot watch .*; the ClusterRole needs get, list and watch on serviceaccounts/,
    ),
  });
  api.allowAll();
  await running.ready();
});

test('missing RBAC for ConfigMaps is told in words (E149)', async () => {
  await using api = await createFakeApiServer();
  api.forbid('watch', 'configmaps');
  await using running = await runSources(api, { mapping: { namespace: 'eks', name: 'pod-identity-webhook' } });
  const expected = /configmaps is forbidden: .*; the Role in namespace eks needs get, list and watch on configmaps/;
  await waitFor(() => expected.test(JSON.stringify(running.sources.health())), { what: 'the reason' });
  expect(running.sources.synced()).toBe(false);
});
