import { describe, expect, test } from 'vitest';
import { createFakeApiServer } from '../../support/fake-api-server.ts';
import { waitFor } from '../../support/wait-for.ts';
import { annotated, quickReflector, role, roleOf, runSources } from './running-sources.ts';

describe.each([{ streamsLists: true }, { streamsLists: false }])('with streamed lists: $streamsLists', options => {
  test('identityOf() answers at once what list and watch told', async () => {
    await using api = await createFakeApiServer(options);
    api.objects.put('serviceaccounts', 'shop', 'listed', annotated('listed'));
    await using running = await runSources(api);
    await running.ready();
    api.objects.put('serviceaccounts', 'shop', 'watched', annotated('watched'));
    await running.knows(2);
    expect(roleOf(running.askNow('shop', 'listed'))).toBe(role('listed'));
    expect(roleOf(running.askNow('shop', 'watched'))).toBe(role('watched'));
    expect(api.count('get')).toBe(0);
  });

  test('a changed and a removed role reach the next pod without a read (fault 16)', async () => {
    await using api = await createFakeApiServer(options);
    api.objects.put('serviceaccounts', 'shop', 'api', annotated('old'));
    await using running = await runSources(api);
    await running.ready();
    api.objects.put('serviceaccounts', 'shop', 'api', annotated('new'));
    await waitFor(() => roleOf(running.askNow('shop', 'api')) === role('new'), { what: 'the new role' });
    api.objects.put('serviceaccounts', 'shop', 'api');
    await running.knows(0);
    expect(roleOf(await running.ask('shop', 'api'))).toBe('no_role');
  });

  test('1,200 accounts are listed, and the unannotated ones are known too (E46)', async () => {
    await using api = await createFakeApiServer(options);
    for (let index = 0; index < 1_200; index += 1) {
      api.objects.put('serviceaccounts', 'shop', `a${index}`, index % 10 === 0 ? annotated(`a${index}`) : {});
    }
    await using running = await runSources(api);
    await running.ready();
    await waitFor(() => running.askNow('shop', 'a1') !== 'asks the API server', {
      what: 'the watch to be vouched for',
    });
    api.requests.length = 0;
    expect(running.sources.status()).toMatchObject([{ resource: 'serviceaccounts', synced: true, objects: 120 }]);
    expect(roleOf(running.askNow('shop', 'a1190'))).toBe(role('a1190'));
    expect(roleOf(running.askNow('shop', 'a1199'))).toBe('no_role');
    expect(api.count('get')).toBe(0);
  });
});

test('an account that is not cached is read live (E40)', async () => {
  await using api = await createFakeApiServer();
  await using running = await runSources(api);
  await running.ready();
  // Frozen, so that only a read can know.
  api.watches.freeze();
  api.objects.put('serviceaccounts', 'shop', 'api', annotated('api'));
  expect(roleOf(await running.ask('shop', 'api'))).toBe(role('api'));
  expect(roleOf(running.askNow('shop', 'api'))).toBe(role('api'));
  expect(roleOf(await running.ask('shop', 'missing'))).toBe('service_account_not_found');
});

test('1,000 accounts, each created up to 10 ms before its pod, all have their role (fault 15)', async () => {
  await using api = await createFakeApiServer();
  await using running = await runSources(api);
  await running.ready();
  const pairs = Array.from({ length: 1_000 }, async (_, index) => {
    await new Promise(resolve => setTimeout(resolve, index % 500));
    api.objects.put('serviceaccounts', 'shop', `a${index}`, annotated(`a${index}`));
    if (index % 3 > 0) await new Promise(resolve => setTimeout(resolve, index % 11));
    return roleOf(await running.ask('shop', `a${index}`));
  });
  const roles = await Promise.all(pairs);
  expect(roles.filter((found, index) => found !== role(`a${index}`))).toEqual([]);
});

test('an account that was created without a role is read again while it is young (E41)', async () => {
  await using api = await createFakeApiServer();
  await using running = await runSources(api, { recentMs: 60_000 });
  await running.ready();
  api.objects.put('serviceaccounts', 'shop', 'api');
  expect(roleOf(await running.ask('shop', 'api'))).toBe('no_role');
  api.watches.freeze();
  api.objects.put('serviceaccounts', 'shop', 'api', annotated('api'));
  expect(roleOf(await running.ask('shop', 'api'))).toBe(role('api'));
});

test('an account is not read again for ever (E41)', async () => {
  await using api = await createFakeApiServer({ bookmarkMs: 100 });
  await using running = await runSources(api, { recentMs: 100 });
  await running.ready();
  api.objects.put('serviceaccounts', 'shop', 'api');
  await running.ask('shop', 'api');
  await waitFor(() => roleOf(running.askNow('shop', 'api')) === 'no_role', { what: 'the account to be old' });
});

test('pods that ask while a read without role is on its way wait for the next one (E41)', async () => {
  await using api = await createFakeApiServer();
  await using running = await runSources(api);
  await running.ready();
  api.watches.freeze();
  api.objects.put('serviceaccounts', 'shop', 'api');
  const { promise: until, resolve: release } = Promise.withResolvers<void>();
  api.faults.plan('get', { kind: 'hold', until });
  const early = running.ask('shop', 'api');
  await waitFor(() => api.count('get') === 1, { what: 'the first read' });
  api.objects.put('serviceaccounts', 'shop', 'api', annotated('api'));
  const late = [1, 2, 3].map(() => running.ask('shop', 'api'));
  release();
  expect(roleOf(await early)).toBe('no_role');
  expect((await Promise.all(late)).map(roleOf)).toEqual([role('api'), role('api'), role('api')]);
  expect(api.count('get')).toBe(2);
});

test('a deleted account has no identity any more, also when a read of it comes late (E42)', async () => {
  await using api = await createFakeApiServer();
  await using running = await runSources(api);
  await running.ready();
  api.watches.freeze();
  api.objects.put('serviceaccounts', 'shop', 'api', annotated('api'));
  const { promise: until, resolve: release } = Promise.withResolvers<void>();
  api.faults.plan('get', { kind: 'hold', until });
  const asked = running.ask('shop', 'api');
  await waitFor(() => api.count('get') === 1, { what: 'the read' });
  api.watches.thaw();
  api.objects.delete('serviceaccounts', 'shop', 'api');
  // The watch tells in order, so what was deleted before is known by now.
  api.objects.put('serviceaccounts', 'shop', 'marker', annotated('marker'));
  await running.knows(1);
  release();
  await asked;
  expect(running.sources.status()[0]?.objects).toBe(1);
  expect(roleOf(await running.ask('shop', 'api'))).toBe('service_account_not_found');
});

test('a late read does not overwrite what the watch told of an account created again (E43)', async () => {
  await using api = await createFakeApiServer();
  await using running = await runSources(api);
  await running.ready();
  api.watches.freeze();
  api.objects.put('serviceaccounts', 'shop', 'api', annotated('old'));
  const { promise: until, resolve: release } = Promise.withResolvers<void>();
  api.faults.plan('get', { kind: 'hold', until });
  const asked = running.ask('shop', 'api');
  await waitFor(() => api.count('get') === 1, { what: 'the read' });
  api.watches.thaw();
  api.objects.delete('serviceaccounts', 'shop', 'api');
  api.objects.put('serviceaccounts', 'shop', 'api', annotated('new'));
  await running.knows(1);
  release();
  expect(roleOf(await asked)).toBe(role('new'));
  expect(roleOf(running.askNow('shop', 'api'))).toBe(role('new'));
});

test('a late read that found nothing does not hide what the watch told meanwhile (E40)', async () => {
  await using api = await createFakeApiServer();
  await using running = await runSources(api);
  await running.ready();
  const { promise: until, resolve: release } = Promise.withResolvers<void>();
  api.faults.plan('get', { kind: 'hold', until });
  const asked = running.ask('shop', 'api');
  await waitFor(() => api.count('get') === 1, { what: 'the read' });
  api.objects.put('serviceaccounts', 'shop', 'api', annotated('api'));
  await running.knows(1);
  release();
  expect(roleOf(await asked)).toBe(role('api'));
});

test('a watch gap is closed: what was created is there, what was deleted is gone (E44)', async () => {
  await using api = await createFakeApiServer();
  api.objects.put('serviceaccounts', 'shop', 'kept', annotated('kept'));
  api.objects.put('serviceaccounts', 'shop', 'gone', annotated('gone'));
  await using running = await runSources(api);
  await running.ready();
  api.faults.plan('watch', { kind: 'status', status: 503 }, 3);
  api.watches.cut();
  api.objects.delete('serviceaccounts', 'shop', 'gone');
  api.objects.put('serviceaccounts', 'shop', 'new', annotated('new'));
  api.objects.put('serviceaccounts', 'shop', 'newer', annotated('newer'));
  expect(roleOf(running.askNow('shop', 'kept'))).toBe(role('kept'));
  await running.knows(3);
  expect(api.count('watch')).toBe(5);
  expect(roleOf(running.askNow('shop', 'new'))).toBe(role('new'));
  expect(roleOf(await running.ask('shop', 'gone'))).toBe('service_account_not_found');
});

test('while the watch is down an account without role is read again (E44)', async () => {
  await using api = await createFakeApiServer();
  api.objects.put('serviceaccounts', 'shop', 'api');
  await using running = await runSources(api);
  await running.ready();
  api.faults.plan('watch', { kind: 'status', status: 503 }, 10_000);
  api.watches.cut();
  await waitFor(() => running.sources.health().kind === 'degraded', { what: 'the loss of the watch' });
  api.objects.put('serviceaccounts', 'shop', 'api', annotated('api'));
  expect(roleOf(await running.ask('shop', 'api'))).toBe(role('api'));
});

test('before the first list is complete nothing is ready, and accounts are read live (E45)', async () => {
  await using api = await createFakeApiServer();
  api.objects.put('serviceaccounts', 'shop', 'api', annotated('api'));
  api.faults.plan('watch', { kind: 'status', status: 503, message: 'starting' }, 10_000);
  await using running = await runSources(api);
  expect(running.sources.synced()).toBe(false);
  expect(roleOf(await running.ask('shop', 'api'))).toBe(role('api'));
  await waitFor(
    () => JSON.stringify(running.sources.health()) === '{"kind":"unhealthy","detail":"serviceaccounts: starting"}',
    { what: 'the reason' },
  );
  api.faults.clear();
  await running.ready();
  expect(running.sources.synced()).toBe(true);
});

test('a list that takes long does not keep a replica from being asked: what has come is known, the rest is read live (E177)', async () => {
  await using api = await createFakeApiServer();
  api.objects.put('serviceaccounts', 'shop', 'listed', annotated('listed'));
  api.objects.put('serviceaccounts', 'shop', 'plain');
  api.watches.holdListEnds();
  await using running = await runSources(api, { reflector: { ...quickReflector, listSilenceMs: 60_000 } });
  expect(running.sources.health()).toEqual({ kind: 'unhealthy', detail: 'serviceaccounts: not listed yet' });
  await waitFor(() => running.sources.health().kind !== 'unhealthy', { what: 'the end of patience' });
  expect(running.sources.health()).toEqual({
    kind: 'degraded',
    detail: 'serviceaccounts: still being listed, read one by one meanwhile',
  });
  expect(running.sources.synced()).toBe(false);
  expect(running.askNow('shop', 'listed')).toMatchObject({ kind: 'identity' });
  for (const name of ['plain', 'late']) {
    api.objects.putUnseen('serviceaccounts', 'shop', name, annotated(name));
    expect(roleOf(await running.ask('shop', name))).toBe(role(name));
  }
  api.watches.endLists();
  await running.ready();
  expect(running.sources.health()).toEqual({ kind: 'healthy' });
  expect(running.askNow('shop', 'listed')).toMatchObject({ kind: 'identity' });
});

test('an account long known without a role is read again before its pod goes without identity (E41)', async () => {
  await using api = await createFakeApiServer({ bookmarkMs: 100 });
  api.objects.put('serviceaccounts', 'shop', 'api');
  await using running = await runSources(api, { rechecksPerSecond: 100 });
  await running.ready();
  api.watches.freeze();
  api.objects.put('serviceaccounts', 'shop', 'api', annotated('api'));
  expect(roleOf(await running.ask('shop', 'api'))).toBe(role('api'));
});
