import { expect, test } from 'vitest';
import { defaultLookupSettings } from '../../../src/sources/service-account-lookup.ts';
import { createFakeApiServer, type FakeApiServer } from '../../support/fake-api-server.ts';
import { waitFor } from '../../support/wait-for.ts';
import { annotated, role, roleOf, runSources, type RunningSources } from './running-sources.ts';

const { concurrent } = defaultLookupSettings;

/** A server whose watch tells nothing, so that every answer takes a read, and whose first reads are held until `release`. */
async function createHeldServer(): Promise<{ readonly api: FakeApiServer; readonly release: () => void }> {
  const api = await createFakeApiServer({ streamsLists: false });
  api.faults.plan('list', { kind: 'hang' }, 1_000);
  const { promise: until, resolve: release } = Promise.withResolvers<void>();
  api.faults.plan('get', { kind: 'hold', until }, concurrent);
  api.objects.put('serviceaccounts', 'quiet', 'api', annotated('quiet'));
  return { api, release };
}

function askLoudly(running: RunningSources, callers: number): Promise<readonly string[]> {
  const answers = Array.from({ length: callers }, (_, index) => running.ask('loud', `unknown-${index}`, 30_000));
  return Promise.all(answers.map(async answer => roleOf(await answer)));
}

test('a caller is served within two reads while 900 of another namespace ask for unknown accounts (E156)', async () => {
  const { api, release } = await createHeldServer();
  await using _ = api;
  await using running = await runSources(api);
  const loud = askLoudly(running, 900);
  await waitFor(() => api.count('get') === concurrent, { what: 'all places to be taken' });
  const quiet = running.ask('quiet', 'api');
  release();
  expect(roleOf(await quiet)).toBe(role('quiet'));
  const reads = api.requests.filter(({ verb }) => verb === 'get').map(({ path }) => path);
  expect(reads.indexOf('/api/v1/namespaces/quiet/serviceaccounts/api')).toBeLessThan(2 * concurrent);
  expect(new Set(await loud)).toEqual(new Set(['service_account_not_found']));
  expect(running.refusals).toEqual([]);
});

test('a full queue refuses the namespace that fills it, and no other (E156)', async () => {
  const { api, release } = await createHeldServer();
  await using _ = api;
  await using running = await runSources(api, { lookup: { ...defaultLookupSettings, queued: 100 } });
  const loud = askLoudly(running, 900);
  await waitFor(() => api.count('get') === concurrent, { what: 'all places to be taken' });
  const quiet = running.ask('quiet', 'api');
  const others = ['one', 'two', 'three'].map(name => running.ask('quiet', name));
  release();
  expect(roleOf(await quiet)).toBe(role('quiet'));
  expect((await Promise.all(others)).map(roleOf)).toEqual(Array(3).fill('service_account_not_found'));
  const refused = (await loud).filter(found => found === 'too_many_lookups');
  expect(refused).toHaveLength(900 - concurrent - 100 + 4);
  expect(running.refusals).toEqual(refused.map(() => 'lookups'));
});

test('rechecks are left for a namespace when another creates pods without a role all the time (E41, E157)', async () => {
  await using api = await createFakeApiServer({ bookmarkMs: 100 });
  for (let index = 0; index < 200; index += 1) api.objects.put('serviceaccounts', 'loud', `a${index}`);
  api.objects.put('serviceaccounts', 'quiet', 'api');
  const rechecksPerSecond = 1;
  await using running = await runSources(api, { rechecksPerSecond });
  await running.ready();
  const loud = Array.from({ length: 200 }, (_, index) => running.ask('loud', `a${index}`));
  expect(new Set((await Promise.all(loud)).map(roleOf))).toEqual(new Set(['no_role']));
  expect(running.refusals.length).toBeGreaterThan(190);
  api.watches.freeze();
  api.objects.put('serviceaccounts', 'quiet', 'api', annotated('quiet'));
  expect(roleOf(await running.ask('quiet', 'api'))).toBe(role('quiet'));
});
