import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { gatherPages, listPages, type ListOptions } from '../../src/kubernetes/list-pages.ts';
import type { ResourceHandler } from '../../src/kubernetes/watched-resource.ts';
import { ownObject, ownString, type JsonObject } from '../../src/util/json.ts';
import { connectInCluster, type InClusterClient } from '../support/fake-api-server-connection.ts';
import { createFakeApiServer, type FakeApiServer } from '../support/fake-api-server.ts';

const watched = { kind: 'ServiceAccount', path: '/api/v1/serviceaccounts', query: {} };
let api: FakeApiServer;
let pod: InClusterClient;

beforeEach(async () => {
  api = await createFakeApiServer();
  pod = await connectInCluster(api);
});

afterEach(async () => {
  await pod[Symbol.asyncDispose]();
  await api[Symbol.asyncDispose]();
});

/** Notes what it is told; `onItem` is called with the number of items so far. */
function createHandler(onItem: (count: number) => void = () => undefined): ResourceHandler & {
  readonly names: string[];
  readonly committed: string[];
} {
  const names: string[] = [];
  const committed: string[] = [];
  return {
    names,
    committed,
    begin: () => void names.splice(0),
    item(object) {
      names.push(ownString(ownObject(object, 'metadata') ?? {}, 'name') ?? '');
      onItem(names.length);
    },
    itemDeleted: () => undefined,
    commit: version => void committed.push(version),
    applied: () => undefined,
  };
}

const options = (): ListOptions => ({
  timeoutMs: 5_000,
  pageSize: 500,
  maxPageBytes: 2 * 1024 * 1024,
  signal: new AbortController().signal,
});

function fill(count: number, annotations: Record<string, string> = {}): void {
  for (let index = 0; index < count; index += 1) {
    api.objects.put('serviceaccounts', 'shop', `a${index}`, { annotations });
  }
}

describe('listPages()', () => {
  test.each([
    { accounts: 0, pages: 1 },
    { accounts: 1, pages: 1 },
    { accounts: 500, pages: 1 },
    { accounts: 501, pages: 2 },
    { accounts: 1_200, pages: 3 },
  ])('reads $accounts accounts in $pages pages (E46)', async ({ accounts, pages }) => {
    fill(accounts);
    const handler = createHandler();
    const version = await listPages(pod.client, watched, handler, options());
    expect(handler.names).toHaveLength(accounts);
    expect(handler.committed).toEqual([version]);
    expect(api.requests.map(request => request.query.get('limit'))).toEqual(Array(pages).fill('500'));
  });

  test('begins anew when the continue token expires, and commits once (E44)', async () => {
    fill(1_200);
    let expired = false;
    const handler = createHandler(count => {
      if (count < 700 || expired) return;
      expired = true;
      api.expireContinueTokens();
    });
    await listPages(pod.client, watched, handler, options());
    expect(new Set(handler.names).size).toBe(1_200);
    expect(handler.names).toHaveLength(1_200);
    expect(handler.committed).toHaveLength(1);
  });

  test('gathers in a new place when the continue token expires (E44)', async () => {
    fill(600);
    const begun: JsonObject[][] = [];
    const gathering = {
      begin: (): JsonObject[] => {
        const gathered: JsonObject[] = [];
        begun.push(gathered);
        return gathered;
      },
      add: (gathered: JsonObject[], object: JsonObject) => {
        gathered.push(object);
        if (gathered.length === 100 && begun.every(({ length }) => length <= 100)) api.expireContinueTokens();
      },
    };
    const gathered = await gatherPages(pod.client, watched, gathering, options());
    expect(gathered).toHaveLength(600);
    expect(begun.map(({ length }) => length)).toEqual([0, 500, 600]);
    expect(gathered).toBe(begun.at(-1));
  });

  test('gives up when the token expires each time', async () => {
    fill(1_200);
    const handler = createHandler(() => api.expireContinueTokens());
    await expect(listPages(pod.client, watched, handler, options())).rejects.toMatchObject({ code: 'expired' });
    expect(handler.committed).toEqual([]);
  });

  test('reads fewer at a time when objects are so large that a page exceeds the limit', async () => {
    fill(60, { padding: 'x'.repeat(200_000) });
    const handler = createHandler();
    await listPages(pod.client, watched, handler, options());
    expect(new Set(handler.names).size).toBe(60);
    expect(handler.names).toHaveLength(60);
    expect(api.requests.length).toBeLessThan(60);
  });

  test('reads more at a time again after large objects', async () => {
    for (let index = 0; index < 5; index += 1) {
      api.objects.put('serviceaccounts', 'shop', `large${index}`, { annotations: { padding: 'x'.repeat(1_500_000) } });
    }
    fill(5_000);
    const handler = createHandler();
    await listPages(pod.client, watched, handler, options());
    expect(handler.names).toHaveLength(5_005);
    const limits = api.requests.map(request => Number(request.query.get('limit')));
    expect(limits.slice(0, 9)).toEqual([500, 50, 5, 1, 2, 1, 2, 1, 2]);
    expect(limits.filter(limit => limit === 500).length).toBeGreaterThan(5);
    expect(limits.length).toBeLessThan(40);
  });

  test('reads an object that is as large as one can be', async () => {
    // JSON writes each as \u0001.
    fill(2, { padding: '\u0001'.repeat(1_572_864) });
    const handler = createHandler();
    await listPages(pod.client, watched, handler, options());
    expect(handler.names).toEqual(['a0', 'a1']);
  });

  test('rejects without a commit when a page fails half-way (fault 14)', async () => {
    fill(1_200);
    const handler = createHandler(count => {
      if (count === 500) api.faults.plan('list', { kind: 'status', status: 500 });
    });
    await expect(listPages(pod.client, watched, handler, options())).rejects.toMatchObject({ code: 'server_error' });
    expect(handler.committed).toEqual([]);
  });

  test('rejects with malformed_response when the list has no version', async () => {
    api.faults.plan('list', { kind: 'body', body: '{"kind":"ServiceAccountList","items":[]}' });
    const handler = createHandler();
    await expect(listPages(pod.client, watched, handler, options())).rejects.toMatchObject({
      code: 'malformed_response',
    });
    expect(handler.committed).toEqual([]);
  });

  test.each([
    { name: 'a list of another kind', body: '{"kind":"PodList","metadata":{"resourceVersion":"5"},"items":[{}]}' },
    { name: 'one object', body: '{"kind":"ServiceAccount","metadata":{"resourceVersion":"5"}}' },
    {
      name: 'a version that is no number',
      body: '{"kind":"ServiceAccountList","metadata":{"resourceVersion":"zzzz"}}',
    },
    {
      name: 'an object of another kind',
      body: '{"kind":"ServiceAccountList","metadata":{"resourceVersion":"5"},"items":[{"kind":"Pod"}]}',
    },
  ])('rejects with malformed_response, and takes nothing, when the answer is $name', async ({ body }) => {
    api.faults.plan('list', { kind: 'body', body });
    const handler = createHandler();
    await expect(listPages(pod.client, watched, handler, options())).rejects.toMatchObject({
      code: 'malformed_response',
    });
    expect(handler).toMatchObject({ names: [], committed: [] });
  });

  test('passes over items that are no objects', async () => {
    const body =
      '{"kind":"ServiceAccountList","metadata":{"resourceVersion":"5"},"items":[null,7,{"metadata":{"name":"a"}}]}';
    api.faults.plan('list', { kind: 'body', body });
    const handler = createHandler();
    expect(await listPages(pod.client, watched, handler, options())).toBe('5');
    expect(handler.names).toEqual(['a']);
  });
});
