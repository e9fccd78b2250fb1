import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createFakeApiServer, type FakeApiServer } from '../../support/fake-api-server.ts';
import { waitFor } from '../../support/wait-for.ts';
import { annotated, quickReflector, runSources } from './running-sources.ts';

let api: FakeApiServer;

beforeEach(async () => {
  api = await createFakeApiServer();
});

afterEach(() => api[Symbol.asyncDispose]());

describe('relist()', () => {
  test('E176: reads everything anew while known accounts go on being answered at once', async () => {
    api.objects.put('serviceaccounts', 'shop', 'cart', annotated('cart'));
    await using running = await runSources(api);
    await running.ready();
    const lists = (): number => api.requests.filter(request => request.query.has('sendInitialEvents')).length;
    const before = lists();
    running.sources.relist();
    expect(running.askNow('shop', 'cart')).toMatchObject({ kind: 'identity' });
    await waitFor(() => lists() > before, { what: 'another list' });
    await running.ready();
    expect([...running.sources.annotatedAccounts()].map(([key]) => key)).toEqual(['shop/cart']);
  });
});

describe('run() lists as it is told', () => {
  test('E46: in pages of the size that --list-page-size gives, when --watch-list=false', async () => {
    for (const name of ['a', 'b', 'c']) api.objects.put('serviceaccounts', 'shop', name, annotated(name));
    await using running = await runSources(api, { reflector: { ...quickReflector, streamsLists: false, pageSize: 1 } });
    await running.ready();
    expect(api.requests.filter(request => request.query.get('limit') === '1')).toHaveLength(3);
    expect(api.requests.some(request => request.query.has('sendInitialEvents'))).toBe(false);
  });
});
