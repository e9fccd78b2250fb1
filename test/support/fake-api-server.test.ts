import { Agent, request } from 'node:https';
import { text } from 'node:stream/consumers';
import type { IncomingMessage } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createFakeApiServer, fakeToken, type FakeApiServer } from './fake-api-server.ts';
import { waitFor } from './wait-for.ts';

/** What these tests look at in an answer. */
interface Body {
  readonly message?: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly continue?: string;
    readonly resourceVersion: string;
  };
  readonly items: readonly Body[];
}

interface Line {
  readonly type: string;
  readonly object: Body;
}

const all = '/api/v1/serviceaccounts';
let api: FakeApiServer;
let agent: Agent;

beforeEach(async () => {
  api = await createFakeApiServer({ bookmarkMs: 30 });
  agent = new Agent({ ca: api.ca });
});

afterEach(async () => {
  agent.destroy();
  await api[Symbol.asyncDispose]();
});

/** Another client than ours, so that a mistake of one is not hidden by the same mistake of the other. */
function open(path: string, token: string = fakeToken): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const sent = request(new URL(path, api.url), { agent, headers: { authorization: `Bearer ${token}` } });
    sent.on('response', resolve).on('error', reject).end();
  });
}

async function get(path: string, token?: string): Promise<{ status: number | undefined; body: Body }> {
  const response = await open(path, token);
  return { status: response.statusCode, body: JSON.parse((await text(response)) || 'null') };
}

/** Lines of a watch, as they come. */
async function watch(query: string): Promise<{ lines: Line[]; ended: () => boolean }> {
  const response = await open(`${all}?watch=true&${query}`);
  const lines: Line[] = [];
  let ended = false;
  let rest = '';
  response.setEncoding('utf8');
  response.on('data', (chunk: string) => {
    const parts = (rest + chunk).split('\n');
    rest = parts.pop() ?? '';
    lines.push(...parts.map(line => JSON.parse(line)));
  });
  response.on('close', () => (ended = true)).on('error', () => undefined);
  return { lines, ended: () => ended };
}

const types = (lines: readonly Line[]): string => lines.map(line => line.type).join(' ');

describe('reading', () => {
  test('one object, and 404 with a Status', async () => {
    api.objects.put('serviceaccounts', 'shop', 'api', { annotations: { a: 'b' } });
    const { status, body } = await get('/api/v1/namespaces/shop/serviceaccounts/api');
    expect([status, body.metadata]).toEqual([
      200,
      { name: 'api', namespace: 'shop', resourceVersion: '1001', annotations: { a: 'b' } },
    ]);
    expect(await get('/api/v1/namespaces/shop/serviceaccounts/web')).toMatchObject({
      status: 404,
      body: { kind: 'Status', code: 404, reason: 'NotFound' },
    });
  });

  test('401 without a known token', async () => {
    expect(await get(all, 'wrong')).toMatchObject({ status: 401, body: { reason: 'Unauthorized' } });
  });

  test('403 where RBAC forbids it', async () => {
    api.forbid('list', 'serviceaccounts');
    const { status, body } = await get(all);
    expect([status, body.message]).toEqual([403, expect.stringContaining('cannot list resource "serviceaccounts"')]);
    api.allowAll();
    expect(await get(all)).toMatchObject({ status: 200 });
  });

  test('pages are one snapshot, whatever changes meanwhile', async () => {
    for (const name of ['a', 'b', 'c']) api.objects.put('serviceaccounts', 'shop', name);
    const first = await get(`${all}?limit=2`);
    api.objects.delete('serviceaccounts', 'shop', 'c');
    const second = await get(`${all}?limit=2&continue=${first.body.metadata.continue}`);
    expect(first.body.items.map(item => item.metadata.name)).toEqual(['a', 'b']);
    expect(second.body.items.map(item => item.metadata.name)).toEqual(['c']);
    expect(second.body.metadata).toEqual({ resourceVersion: '1003' });
  });

  test('410 for a continue token that has expired', async () => {
    for (const name of ['a', 'b']) api.objects.put('serviceaccounts', 'shop', name);
    const { body } = await get(`${all}?limit=1`);
    api.expireContinueTokens();
    expect(await get(`${all}?limit=1&continue=${body.metadata.continue}`)).toMatchObject({ status: 410 });
  });

  test('only what namespace and field selector say', async () => {
    api.objects.put('configmaps', 'eks', 'wanted');
    api.objects.put('configmaps', 'eks', 'other');
    api.objects.put('configmaps', 'else', 'wanted');
    const { body } = await get('/api/v1/namespaces/eks/configmaps?fieldSelector=metadata.name%3Dwanted');
    expect(body.items.map(item => item.metadata.namespace)).toEqual(['eks']);
  });
});

describe('watching', () => {
  test('tells of changes after the version, of the past ones first', async () => {
    api.objects.put('serviceaccounts', 'shop', 'a');
    const { resourceVersion } = api.objects.put('serviceaccounts', 'shop', 'b').metadata;
    api.objects.put('serviceaccounts', 'shop', 'a');
    const { lines } = await watch(`resourceVersion=${resourceVersion}`);
    api.objects.delete('serviceaccounts', 'shop', 'b');
    await waitFor(() => lines.length >= 2, { what: 'two events' });
    expect(types(lines.slice(0, 2))).toBe('MODIFIED DELETED');
    expect(lines[1]?.object.metadata.resourceVersion).toBe('1004');
  });

  test('streams a list that ends with its bookmark', async () => {
    api.objects.put('serviceaccounts', 'shop', 'a');
    const { lines } = await watch('sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true');
    await waitFor(() => lines.length >= 2, { what: 'the list' });
    expect(types(lines.slice(0, 2))).toBe('ADDED BOOKMARK');
    expect(lines[1]?.object.metadata).toEqual({
      resourceVersion: '1001',
      annotations: { 'k8s.io/initial-events-end': 'true' },
    });
  });

  test('refuses a streamed list without resourceVersionMatch, and every one when told so', async () => {
    expect(await get(`${all}?watch=true&sendInitialEvents=true`)).toMatchObject({ status: 422 });
    await using older = await createFakeApiServer({ streamsLists: false });
    const complete = 'sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true';
    const refusal = await new Promise<IncomingMessage>((resolve, reject) => {
      const headers = { authorization: `Bearer ${fakeToken}` };
      request(new URL(`${all}?watch=true&${complete}`, older.url), { ca: older.ca, agent: false, headers })
        .on('response', resolve)
        .on('error', reject)
        .end();
    });
    expect(refusal.statusCode).toBe(422);
    refusal.destroy();
  });

  test('sends bookmarks, and ends when its time is over', async () => {
    const { lines, ended } = await watch('resourceVersion=1000&timeoutSeconds=1');
    await waitFor(() => ended(), { what: 'the end' });
    expect(lines.length).toBeGreaterThan(0);
    expect(new Set(types(lines).split(' '))).toEqual(new Set(['BOOKMARK']));
  });

  test('answers a compacted version with an ERROR event', async () => {
    api.objects.put('serviceaccounts', 'shop', 'a');
    api.objects.compact();
    const { lines, ended } = await watch('resourceVersion=1000');
    await waitFor(() => ended(), { what: 'the end' });
    expect(lines).toMatchObject([{ type: 'ERROR', object: { code: 410 } }]);
  });

  test('can be ended, cut, frozen and thawed', async () => {
    const watches = [await watch('resourceVersion=1000'), await watch('resourceVersion=1000')];
    expect(api.watches.size).toBe(2);
    api.watches.freeze();
    const counts = watches.map(({ lines }) => lines.length);
    await new Promise(resolve => setTimeout(resolve, 100));
    expect(watches.map(({ lines }) => lines.length)).toEqual(counts);
    api.watches.thaw();
    await waitFor(() => watches.every(({ lines }, index) => lines.length > (counts[index] ?? 0)), {
      what: 'bookmarks',
    });
    api.watches.end();
    await waitFor(() => watches.every(({ ended }) => ended()), { what: 'the end' });
    const third = await watch('resourceVersion=1000');
    api.watches.cut();
    await waitFor(() => third.ended(), { what: 'the cut' });
    await waitFor(() => api.watches.size === 0, { what: 'nothing to be open' });
  });
});

describe('faults', () => {
  test('come in the order planned, for their verb only, and then no more', async () => {
    api.faults.plan('list', { kind: 'status', status: 429, retryAfter: 3 }, 2);
    api.faults.plan('list', { kind: 'body', body: '7' });
    expect(await get('/api/v1/namespaces/shop/serviceaccounts/a')).toMatchObject({ status: 404 });
    const first = await open(all);
    expect([first.statusCode, first.headers['retry-after']]).toEqual([429, '3']);
    first.resume();
    expect(await get(all)).toMatchObject({ status: 429 });
    expect(await get(all)).toEqual({ status: 200, body: 7 });
    expect(await get(all)).toMatchObject({ status: 200, body: { items: [] } });
  });

  test('a held answer is that of the time of the request', async () => {
    api.objects.put('serviceaccounts', 'shop', 'a', { annotations: { v: 'old' } });
    const { promise: until, resolve: release } = Promise.withResolvers<void>();
    api.faults.plan('get', { kind: 'hold', until });
    const held = get('/api/v1/namespaces/shop/serviceaccounts/a');
    await waitFor(() => api.count('get') === 1, { what: 'the request' });
    api.objects.put('serviceaccounts', 'shop', 'a', { annotations: { v: 'new' } });
    release();
    expect((await held).body).toMatchObject({ metadata: { annotations: { v: 'old' } } });
  });

  test.each(['cut', 'cut_body'] as const)('%s ends the connection', async kind => {
    api.faults.plan('list', { kind });
    await expect(get(all)).rejects.toThrow();
  });

  test('down() refuses everybody until up()', async () => {
    api.down();
    await expect(get(all)).rejects.toThrow();
    api.up();
    expect(await get(all)).toMatchObject({ status: 200 });
  });
});
