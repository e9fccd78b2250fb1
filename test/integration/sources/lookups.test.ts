import { describe, expect, test } from 'vitest';
import { defaultLookupSettings } from '../../../src/sources/service-account-lookup.ts';
import { createFakeApiServer, type FakeApiServer } from '../../support/fake-api-server.ts';
import { waitFor } from '../../support/wait-for.ts';
import { annotated, role, roleOf, runSources } from './running-sources.ts';

/** A server whose watch tells nothing, so that every answer takes a read. */
async function createSilentServer(): Promise<FakeApiServer> {
  const api = await createFakeApiServer({ streamsLists: false });
  api.faults.plan('list', { kind: 'hang' }, 1_000);
  return api;
}

test('1,000 distinct unknown accounts at once are all answered, with bounded reads at a time (E147)', async () => {
  await using api = await createSilentServer();
  for (let index = 0; index < 1_000; index += 1) {
    api.objects.put('serviceaccounts', 'shop', `a${index}`, annotated(`a${index}`));
  }
  await using running = await runSources(api);
  const answers = Array.from({ length: 1_000 }, (_, index) => running.ask('shop', `a${index}`, 30_000));
  const roles = (await Promise.all(answers)).map(roleOf);
  expect(roles).toEqual(roles.map((_, index) => role(`a${index}`)));
  expect(api.count('get')).toBe(1_000);
  // The list that hangs is the one more.
  expect(api.inFlight.most).toBeLessThanOrEqual(defaultLookupSettings.concurrent + 1);
  expect(api.inFlight.most).toBeGreaterThan(defaultLookupSettings.concurrent / 2);
});

test('1,000 pods of one unknown account cause one read', async () => {
  await using api = await createSilentServer();
  api.objects.put('serviceaccounts', 'shop', 'api', annotated('api'));
  await using running = await runSources(api);
  const answers = await Promise.all(Array.from({ length: 1_000 }, () => running.ask('shop', 'api')));
  expect(new Set(answers.map(roleOf))).toEqual(new Set([role('api')]));
  expect(api.count('get')).toBe(1);
});

test('more than the queue holds is refused at once, and what is queued is answered (E147)', async () => {
  await using api = await createSilentServer();
  for (let index = 0; index < 20; index += 1) api.objects.put('serviceaccounts', 'shop', `a${index}`, annotated('a'));
  const { promise: until, resolve: release } = Promise.withResolvers<void>();
  api.faults.plan('get', { kind: 'hold', until }, 2);
  await using running = await runSources(api, { lookup: { ...defaultLookupSettings, concurrent: 2, queued: 3 } });
  const answers = Array.from({ length: 20 }, (_, index) => running.ask('shop', `a${index}`));
  const refused = await Promise.race(answers.slice(10));
  expect(roleOf(refused)).toBe('too_many_lookups');
  release();
  const roles = (await Promise.all(answers)).map(roleOf);
  expect(roles.filter(found => found === role('a'))).toHaveLength(5);
  expect(roles.filter(found => found === 'too_many_lookups')).toHaveLength(15);
});

test('everyone who waits has a deadline of their own, and the read goes on for the others (E18, fault 14)', async () => {
  await using api = await createSilentServer();
  api.objects.put('serviceaccounts', 'shop', 'api', annotated('api'));
  const { promise: until, resolve: release } = Promise.withResolvers<void>();
  api.faults.plan('get', { kind: 'hold', until });
  await using running = await runSources(api);
  const patient = running.ask('shop', 'api', 30_000);
  expect(roleOf(await running.ask('shop', 'api', 50))).toBe('lookup_timed_out');
  release();
  expect(roleOf(await patient)).toBe(role('api'));
  expect(api.count('get')).toBe(1);
});

test('a read that comes after the deadline serves the next pod (fault 14)', async () => {
  await using api = await createSilentServer();
  api.objects.put('serviceaccounts', 'shop', 'api', annotated('api'));
  const { promise: until, resolve: release } = Promise.withResolvers<void>();
  api.faults.plan('get', { kind: 'hold', until });
  await using running = await runSources(api);
  expect(roleOf(await running.ask('shop', 'api', 30))).toBe('lookup_timed_out');
  release();
  await running.pod.client.get('/api/v1/namespaces/shop/serviceaccounts/api', { timeoutMs: 5_000 });
  await waitFor(() => roleOf(running.askNow('shop', 'api')) === role('api'), { what: 'the late read' });
});

test('reads that nobody waits for any more are not made (fault 14)', async () => {
  await using api = await createSilentServer();
  const { promise: until, resolve: release } = Promise.withResolvers<void>();
  api.faults.plan('get', { kind: 'hold', until });
  await using running = await runSources(api, { lookup: { ...defaultLookupSettings, concurrent: 1 } });
  const held = running.ask('shop', 'held');
  const answers = Array.from({ length: 50 }, (_, index) => running.ask('shop', `a${index}`, 20));
  expect(new Set((await Promise.all(answers)).map(roleOf))).toEqual(new Set(['lookup_timed_out']));
  // Timers may fire a fraction of a millisecond early.
  await new Promise(resolve => setTimeout(resolve, 5));
  release();
  await held;
  await running.ask('shop', 'last');
  expect(api.requests.filter(({ verb }) => verb === 'get').map(({ path }) => path.split('/').at(-1))).toEqual([
    'held',
    'last',
  ]);
});

test('a read whose answer is longer than an account can be fails, and the others are made', async () => {
  await using api = await createSilentServer();
  api.objects.put('serviceaccounts', 'shop', 'api', { annotations: { padding: '<'.repeat(1024 * 1024) } });
  api.objects.put('serviceaccounts', 'shop', 'other', annotated('other'));
  await using running = await runSources(api);
  expect(roleOf(await running.ask('shop', 'api'))).toBe('lookup_failed');
  expect(roleOf(await running.ask('shop', 'other'))).toBe(role('other'));
});

test('a read that takes too long is given up', async () => {
  await using api = await createSilentServer();
  api.faults.plan('get', { kind: 'hang' });
  await using running = await runSources(api, { lookup: { ...defaultLookupSettings, readTimeoutMs: 50 } });
  expect(await running.ask('shop', 'api', 30_000)).toMatchObject({ kind: 'unavailable', reason: 'lookup_failed' });
});

interface Mixed {
  readonly kind: string;
  readonly account: object;
}

/** What would be the answer about `shop/api`, but for these fields. */
function answerWith({ kind, account }: Mixed): { readonly kind: 'body'; readonly body: string } {
  const annotations = { 'eks.amazonaws.com/role-arn': role('mixed-up') };
  const metadata = { namespace: 'shop', name: 'api', resourceVersion: '7', annotations, ...account };
  return { kind: 'body', body: JSON.stringify({ kind, apiVersion: 'v1', metadata }) };
}

describe('a failed read is not remembered (E175)', () => {
  test.each([
    { name: 'throttled', fault: { kind: 'status', status: 429, retryAfter: 1 } },
    { name: 'failed', fault: { kind: 'status', status: 500 } },
    { name: 'forbidden', fault: { kind: 'status', status: 403 } },
    { name: 'cut', fault: { kind: 'cut' } },
    { name: 'answered with garbage', fault: { kind: 'body', body: 'garbage' } },
    { name: 'answered with another object', fault: { kind: 'body', body: '{"kind":"Status"}' } },
    ...[
      { name: 'answered with another kind', kind: 'Pod' },
      { name: 'answered without a kind', kind: '' },
      { name: 'answered with another name', account: { name: 'other' } },
      { name: 'answered with another namespace', account: { namespace: 'other' } },
      { name: 'answered without a namespace', account: { namespace: undefined } },
      { name: 'answered with a version that is no number', account: { resourceVersion: 'zzzz' } },
      { name: 'answered with a version without end', account: { resourceVersion: '9'.repeat(40) } },
    ].map(({ name, kind = 'ServiceAccount', account = {} }) => ({ name, fault: answerWith({ kind, account }) })),
  ] as const)('when it was $name', async ({ fault }) => {
    await using api = await createSilentServer();
    api.objects.put('serviceaccounts', 'shop', 'api', annotated('api'));
    api.faults.plan('get', fault);
    await using running = await runSources(api);
    expect(roleOf(await running.ask('shop', 'api'))).toBe('lookup_failed');
    expect(roleOf(await running.ask('shop', 'api'))).toBe(role('api'));
  });
});

test('that an account does not exist is remembered briefly (E40)', async () => {
  await using api = await createSilentServer();
  await using running = await runSources(api, { lookup: { ...defaultLookupSettings, notFoundMs: 300 } });
  const answers = [
    await running.ask('shop', 'api'),
    await running.ask('shop', 'api'),
    await running.ask('shop', 'api'),
  ];
  expect(answers.map(roleOf)).toEqual(Array(3).fill('service_account_not_found'));
  expect(api.count('get')).toBe(1);
  api.objects.put('serviceaccounts', 'shop', 'api', annotated('api'));
  await waitFor(async () => roleOf(await running.ask('shop', 'api')) === role('api'), {
    what: 'the end of the memory',
  });
  expect(api.count('get')).toBe(2);
});

test('that an account does not exist is forgotten when the watch tells of it (E40)', async () => {
  await using api = await createFakeApiServer();
  await using running = await runSources(api, { lookup: { ...defaultLookupSettings, notFoundMs: 3_600_000 } });
  await running.ready();
  expect(roleOf(await running.ask('shop', 'api'))).toBe('service_account_not_found');
  api.objects.put('serviceaccounts', 'shop', 'api');
  api.objects.put('serviceaccounts', 'shop', 'marker', annotated('marker'));
  await running.knows(1);
  // Told by the watch without a role, so it is read again, whatever was remembered.
  api.watches.freeze();
  api.objects.put('serviceaccounts', 'shop', 'api', annotated('api'));
  expect(roleOf(await running.ask('shop', 'api'))).toBe(role('api'));
});

test.each([
  { name: 'an empty name, as mirror pods have (E23)', account: ['shop', ''] },
  { name: 'an empty namespace', account: ['', 'api'] },
  { name: 'a name that leaves its path', account: ['shop', '../../../secrets/root'] },
  { name: 'a namespace that leaves its path', account: ['shop/../kube-system', 'api'] },
  { name: 'dots', account: ['..', '..'] },
  { name: 'a query', account: ['shop', 'api?watch=true'] },
  { name: 'upper case', account: ['shop', 'API'] },
  { name: 'a name that is too long', account: ['shop', 'a'.repeat(254)] },
  { name: 'a namespace that is too long', account: ['a'.repeat(64), 'api'] },
  { name: 'a prototype’s field', account: ['__proto__', 'constructor'] },
] as const)('no request is made for $name', async ({ account: [namespace, name] }) => {
  await using api = await createSilentServer();
  await using running = await runSources(api);
  expect(roleOf(await running.ask(namespace, name))).toBe('service_account_not_found');
  expect(api.count('get')).toBe(0);
});

test('a name with dots is a name', async () => {
  await using api = await createSilentServer();
  api.objects.put('serviceaccounts', 'shop', 'api.v1.internal', annotated('api'));
  await using running = await runSources(api);
  expect(roleOf(await running.ask('shop', 'api.v1.internal'))).toBe(role('api'));
});
