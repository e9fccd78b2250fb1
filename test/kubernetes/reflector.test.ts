import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Reflector, type ReflectorParts } from '../../src/kubernetes/reflector.ts';
import type { ReflectorSettings } from '../../src/kubernetes/watch-state.ts';
import type { ResourceHandler } from '../../src/kubernetes/watched-resource.ts';
import type { LogFields } from '../../src/util/log.ts';
import { ownObject, ownString, type JsonObject } from '../../src/util/json.ts';
import { connectInCluster, now, type InClusterClient } from '../support/fake-api-server-connection.ts';
import { createFakeApiServer, type FakeApiServer } from '../support/fake-api-server.ts';
import { waitFor } from '../support/wait-for.ts';

const settings: ReflectorSettings = {
  silenceMs: 60_000,
  listSilenceMs: 60_000,
  liveMs: 60_000,
  firstLiveMs: 60_000,
  settleMs: 0,
  shortWatchMs: 60_000,
  backoff: { floorMs: 10, ceilingMs: 1_000 },
  streamsLists: true,
  pageSize: 500,
  maxPageBytes: 2 * 1024 * 1024,
  watchSeconds: { from: 300, to: 600 },
};

let api: FakeApiServer;
let pod: InClusterClient;
let told: string[];
let pauses: number[];
let ending: AbortController;
let running: Promise<void>;

beforeEach(async () => {
  api = await createFakeApiServer();
  pod = await connectInCluster(api);
  told = [];
  pauses = [];
  ending = new AbortController();
  running = Promise.resolve();
});

afterEach(async () => {
  ending.abort();
  await running;
  await pod[Symbol.asyncDispose]();
  await api[Symbol.asyncDispose]();
});

const nameOf = (object: JsonObject): string | undefined => ownString(ownObject(object, 'metadata') ?? {}, 'name');

/** Notes what it is told. */
const handler: ResourceHandler = {
  begin: () => void told.push('begin'),
  item: object => void told.push(`item ${nameOf(object)}`),
  itemDeleted: object => void told.push(`itemDeleted ${nameOf(object)}`),
  commit: version => void told.push(`commit ${version}`),
  applied: event => void told.push(`${event.type} ${nameOf(event.object)}`),
};

function start(parts: Partial<ReflectorParts> = {}): Reflector {
  const note = (_: string, { pauseMs }: LogFields = {}): void => {
    if (typeof pauseMs === 'number') pauses.push(pauseMs);
  };
  const reflector = new Reflector({
    client: pod.client,
    watched: {
      resource: 'serviceaccounts',
      kind: 'ServiceAccount',
      path: '/api/v1/serviceaccounts',
      query: {},
      permissionHint: 'hint',
    },
    handler,
    settings,
    observer: { watchRestarted: () => undefined },
    log: { debug: note, info: note, warn: note, error: note },
    now,
    // The longest wait each time: 20, 40, 80 … ms.
    random: () => 1,
    ...parts,
  });
  running = reflector.run(ending.signal);
  return reflector;
}

const tells = (what: string): Promise<unknown> => waitFor(() => told.includes(what), { what });
const line = (type: string, metadata: object, rest: object = {}): string =>
  `${JSON.stringify({ type, object: { kind: 'ServiceAccount', metadata, ...rest } })}\n`;
const listEnd = line('BOOKMARK', { resourceVersion: '1005', annotations: { 'k8s.io/initial-events-end': 'true' } });

describe('run()', () => {
  test('tells the list as a whole, then each change', async () => {
    api.objects.put('serviceaccounts', 'shop', 'a');
    api.objects.put('serviceaccounts', 'shop', 'b');
    const reflector = start();
    await waitFor(() => reflector.synced(), { what: 'the list' });
    api.objects.put('serviceaccounts', 'shop', 'a');
    api.objects.delete('serviceaccounts', 'shop', 'b');
    await tells('DELETED b');
    expect(told).toEqual(['begin', 'item a', 'item b', 'commit 1002', 'MODIFIED a', 'DELETED b']);
  });

  test('goes on after the last version it was told, bookmarks included', async () => {
    const reflector = start();
    await waitFor(() => reflector.synced(), { what: 'the list' });
    api.watches.send(line('BOOKMARK', { resourceVersion: '1234' }).trim());
    api.watches.end();
    await waitFor(() => api.count('watch') === 2, { what: 'the second watch' });
    expect(api.requests[1]?.query.get('resourceVersion')).toBe('1234');
    expect(api.requests[1]?.query.has('sendInitialEvents')).toBe(false);
  });

  test('tells what was deleted while the list was streamed', async () => {
    const body =
      line('ADDED', { name: 'a', resourceVersion: '1' }) + line('DELETED', { name: 'a', resourceVersion: '2' });
    api.faults.plan('watch', { kind: 'body', body: body + listEnd });
    start();
    await tells('commit 1005');
    expect(told.slice(0, 4)).toEqual(['begin', 'item a', 'itemDeleted a', 'commit 1005']);
  });

  test('asks for pages when a streamed list has bookmarks but not the one that ends it', async () => {
    api.faults.plan('watch', { kind: 'body', body: line('BOOKMARK', { resourceVersion: '7' }) });
    const reflector = start();
    await waitFor(() => reflector.synced(), { what: 'the list in pages' });
    expect(told).toEqual(['begin', 'begin', 'commit 1000']);
    expect(api.count('list')).toBe(1);
  });

  test('ends with the signal, whatever it is doing', async () => {
    api.faults.plan('watch', { kind: 'hang' });
    start();
    await waitFor(() => api.count('watch') === 1, { what: 'the request' });
    ending.abort();
    await running;
  });

  test('survives a handler that throws, and lists anew', async () => {
    let failures = 0;
    const broken: ResourceHandler = {
      ...handler,
      applied() {
        failures += 1;
        throw new TypeError('a defect');
      },
    };
    const reflector = start({ handler: broken });
    await waitFor(() => reflector.synced(), { what: 'the list' });
    api.objects.put('serviceaccounts', 'shop', 'a');
    await tells('item a');
    expect(failures).toBe(1);
  });
});

describe('run() waits before it tries again', () => {
  const afterPauses = (count: number): Promise<unknown> =>
    waitFor(() => pauses.length >= count, { what: `${count} pauses` });

  test('longer with each failure, and not at all after a watch that was of use', async () => {
    api.faults.plan('watch', { kind: 'status', status: 500 }, 3);
    const reflector = start();
    await waitFor(() => reflector.synced(), { what: 'the list' });
    api.watches.end();
    await afterPauses(4);
    expect(pauses.slice(0, 4)).toEqual([20, 40, 80, 0]);
  });

  test('after each streamed list that was not complete, however long it took', async () => {
    api.faults.plan('watch', { kind: 'body', body: line('ADDED', { name: 'a', resourceVersion: '1' }) }, 3);
    start({ settings: { ...settings, shortWatchMs: 0 } });
    await afterPauses(3);
    expect(pauses.slice(0, 3)).toEqual([20, 40, 80]);
  });

  test('after each list whose version expires at once', async () => {
    const body = `${listEnd}{"type":"ERROR","object":{"code":410}}\n`;
    api.faults.plan('watch', { kind: 'body', body }, 3);
    start();
    await afterPauses(3);
    expect(pauses.slice(0, 3)).toEqual([20, 40, 80]);
  });

  test('after each watch that ends at once without a word', async () => {
    const reflector = start();
    await waitFor(() => reflector.synced(), { what: 'the list' });
    api.faults.plan('watch', { kind: 'body', body: '' }, 3);
    api.watches.end();
    await afterPauses(4);
    expect(pauses.slice(0, 4)).toEqual([0, 20, 40, 80]);
  });

  test('not for long when an API server that was gone is back and has forgotten the version (fault 11)', async () => {
    const reflector = start();
    await waitFor(() => reflector.synced(), { what: 'the list' });
    api.faults.plan('watch', { kind: 'status', status: 503 }, 4);
    api.faults.plan('watch', { kind: 'status', status: 410 }, 2);
    api.watches.end();
    await afterPauses(7);
    expect(pauses.slice(0, 7)).toEqual([0, 20, 40, 80, 160, 20, 40]);
  });

  test('as long as Retry-After says, when that is longer', async () => {
    api.faults.plan('watch', { kind: 'status', status: 429, retryAfter: 7 });
    start();
    await afterPauses(1);
    expect(pauses).toEqual([7_000]);
  });
});

describe('live()', () => {
  test('is true at once after a streamed list, which is the state at the time of the request', async () => {
    const reflector = start({ settings: { ...settings, settleMs: 60_000 } });
    expect(reflector.live()).toBe(false);
    await waitFor(() => reflector.synced(), { what: 'the list' });
    expect(reflector.live()).toBe(true);
  });

  test('waits after a watch was opened again, for what was missed may be on its way', async () => {
    const reflector = start({ settings: { ...settings, settleMs: 60_000 } });
    await waitFor(() => reflector.live(), { what: 'the list' });
    api.watches.end();
    await waitFor(() => api.count('watch') === 2 && api.watches.size === 1, { what: 'the second watch' });
    expect(reflector.live()).toBe(false);
  });

  test('is false while a new list is made', async () => {
    const reflector = start();
    await waitFor(() => reflector.live(), { what: 'the list' });
    api.watches.freezeAll();
    api.watches.expire();
    await waitFor(() => !reflector.live(), { what: 'the end of the watch' });
    await waitFor(() => api.count('watch') === 2, { what: 'the new list' });
    expect(reflector.live()).toBe(false);
    expect(reflector.synced()).toBe(true);
  });
});

describe('health()', () => {
  test('tells what is missing, then that all is well, then what is wrong', async () => {
    api.faults.plan('watch', { kind: 'status', status: 500, message: 'no leader' });
    const reflector = start();
    expect(reflector.health()).toEqual({ kind: 'unhealthy', detail: 'serviceaccounts: not listed yet' });
    expect(reflector.lastContactMs()).toBeUndefined();
    await waitFor(() => pauses.length === 1, { what: 'the failure' });
    expect(reflector.health()).toEqual({ kind: 'unhealthy', detail: 'serviceaccounts: no leader' });
    await waitFor(() => reflector.health().kind === 'healthy', { what: 'the list' });
    expect(now() - (reflector.lastContactMs() ?? 0)).toBeLessThan(60_000);
    api.faults.plan('watch', { kind: 'status', status: 403, message: 'serviceaccounts is forbidden' }, 1_000);
    api.watches.end();
    await waitFor(() => reflector.health().kind === 'degraded', { what: 'the refusal' });
    expect(reflector.health()).toEqual({
      kind: 'degraded',
      detail: 'serviceaccounts: serviceaccounts is forbidden; hint',
    });
  });
});

describe('listingMs()', () => {
  test('counts from the first part of the first list to its end, while parts come', async () => {
    let nowMs = 1_000;
    api.objects.put('serviceaccounts', 'shop', 'a');
    api.watches.holdListEnds();
    const reflector = start({ now: () => nowMs });
    expect(reflector.listingMs()).toBeUndefined();
    await tells('item a');
    nowMs += settings.listSilenceMs;
    expect(reflector.listingMs()).toBe(settings.listSilenceMs);
    nowMs += 1;
    expect(reflector.listingMs()).toBeUndefined();
    api.objects.put('serviceaccounts', 'shop', 'b');
    await tells('item b');
    expect(reflector.listingMs()).toBe(settings.listSilenceMs + 1);
    api.watches.endLists();
    await waitFor(() => reflector.synced(), { what: 'the end of the list' });
    expect(reflector.listingMs()).toBeUndefined();
  });

  test('counts pages', async () => {
    const held = Promise.withResolvers<void>();
    for (const name of ['a', 'b']) api.objects.put('serviceaccounts', 'shop', name);
    api.faults.plan('list', { kind: 'delay', ms: 0 });
    api.faults.plan('list', { kind: 'hold', until: held.promise });
    const reflector = start({ settings: { ...settings, streamsLists: false, pageSize: 1 } });
    await waitFor(() => api.count('list') === 2, { what: 'the second page' });
    expect(reflector.listingMs()).toBeGreaterThanOrEqual(0);
    held.resolve();
    await waitFor(() => reflector.synced(), { what: 'the end of the list' });
    expect(reflector.listingMs()).toBeUndefined();
  });
});
