import { X509Certificate } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { ownObject, ownString, type JsonObject } from '../../../src/util/json.ts';
import { configurationName, configurationPath, FakeApi, secretPath } from '../../certificates/self-managed/fake-api.ts';
import {
  secretName,
  startAuthority,
  type AuthorityOverrides,
  type RunningAuthority,
} from '../../certificates/self-managed/running-authority.ts';
import { bundlesOf, encode, webhookConfiguration } from '../../certificates/self-managed/webhook-objects.ts';
import { createCertificateAuthority } from '../../support/certificates.ts';
import { waitFor } from '../../support/wait-for.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const down = { status: 500, reason: 'InternalError' };

/** A clock that a test sets forward or back. */
class Clock {
  aheadMs = 0;
  readonly now = (): number => Date.now() + this.aheadMs;
}

function start(api: FakeApi, overrides: Partial<AuthorityOverrides> = {}, replica = 'one'): Promise<RunningAuthority> {
  const options = { webhookConfigurationName: configurationName, pollMs: 20, settleMs: 100 };
  return startAuthority(api.connection(replica), { ...options, ...overrides });
}

function healthy({ source }: RunningAuthority): Promise<true> {
  return waitFor(() => source.health().kind === 'healthy', { what: 'the authority to be healthy' });
}

function leavesOf({ recorder }: RunningAuthority, count: number): Promise<unknown> {
  return waitFor(() => recorder.leaves().length >= count, { what: `${count} leaves` });
}

function detailOf({ source }: RunningAuthority): string | undefined {
  const health = source.health();
  return health.kind === 'healthy' ? undefined : health.detail;
}

function secretText(api: FakeApi, key: string): string {
  return Buffer.from(ownString(ownObject(api.get(secretPath) ?? {}, 'data') ?? {}, key) ?? '', 'base64').toString();
}

/** The certificates that API servers trust, in both entries. */
function trusted(api: FakeApi): readonly X509Certificate[] {
  const [one = '', other] = bundlesOf(api.get(configurationPath) ?? {});
  expect(other).toBe(one);
  return one
    .split(/(?<=-----END CERTIFICATE-----\n)/)
    .filter(pem => pem !== '')
    .map(pem => new X509Certificate(pem));
}

function isTrusted(api: FakeApi, { source }: RunningAuthority): boolean {
  const leaf = new X509Certificate(source.current()?.certificate ?? '');
  return trusted(api).some(({ publicKey }) => leaf.verify(publicKey));
}

function foreignSecret(): JsonObject {
  const { certificate, key } = createCertificateAuthority({ notAfter: new Date('2036-01-01') });
  return { metadata: { name: secretName }, data: { 'ca.crt': encode(certificate), 'ca.key': encode(key) } };
}

describe('A rotation of the authority', () => {
  test('publishes, settles, signs, retires: one step after the other, by the wall clock (fault 8)', async () => {
    await using api = await FakeApi.start();
    const clock = new Clock();
    await using one = await start(api, { now: clock.now });
    await using other = await start(api, { now: clock.now }, 'other');
    await Promise.all([one, other].map(healthy));
    const [first] = trusted(api);
    const firstLeaves = [one, other].map(({ source }) => source.current());

    clock.aheadMs = (365 * dayMs * 2) / 3 + hourMs; // the leaves have expired too, as after a pause of the machine
    await waitFor(() => trusted(api).length === 2, { what: 'both authorities to be published' });
    expect(trusted(api)[0]?.fingerprint256).toBe(first?.fingerprint256);
    await waitFor(() => secretText(api, 'previous-cas.json') !== '', { what: 'the promotion' });
    await Promise.all([one, other].map(authority => leavesOf(authority, 3)));
    expect([one, other].map(({ recorder }) => recorder.leaves())).toEqual([
      ['missing', 'expired', 'issuer_replaced'],
      ['missing', 'expired', 'issuer_replaced'],
    ]);
    expect(firstLeaves).not.toContain(one.source.current());
    expect(trusted(api)).toHaveLength(2);

    clock.aheadMs += 7 * dayMs;
    await waitFor(() => trusted(api).length === 1, { what: 'the old authority to be retired' });
    expect(trusted(api)[0]?.fingerprint256).not.toBe(first?.fingerprint256);
    await Promise.all([one, other].map(healthy));
    // The one that took a step is told so after everybody can see it.
    const steps = (): string[] => [one, other].flatMap(({ recorder }) => recorder.steps());
    await waitFor(() => steps().length === 4, { what: 'all steps to be told' });
    expect(steps().sort()).toEqual([
      'add_next: current_nearing_end',
      'begin: secret_missing',
      'drop_retired: retired',
      'promote_next: next_settled',
    ]);
  });

  test('waits while the configuration cannot be read: what is not seen does not settle', async () => {
    await using api = await FakeApi.start();
    const clock = new Clock();
    await using authority = await start(api, { now: clock.now });
    await healthy(authority);
    api.refuse = ({ path, method }) => (path.startsWith(configurationPath) && method === 'GET' ? down : undefined);
    clock.aheadMs = (365 * dayMs * 2) / 3 + hourMs;
    await waitFor(() => secretText(api, 'next-ca.crt') !== '', { what: 'the next authority' });
    await delay(300); // three settle times
    expect(secretText(api, 'next-ca.crt')).not.toBe('');
    api.refuse = () => undefined;
    await waitFor(() => authority.recorder.leaves().includes('issuer_replaced'), { what: 'the rotation' });
  });
});

describe('The authority', () => {
  test('begins when an API server that was down comes up', async () => {
    await using api = await FakeApi.start();
    api.refuse = () => down;
    await using authority = await start(api);
    await waitFor(() => detailOf(authority) === 'refused', { what: 'the reason' });
    api.refuse = () => undefined;
    await healthy(authority);
  });

  test('renews its certificate from memory while the API server is down (fault 11)', async () => {
    await using api = await FakeApi.start();
    const clock = new Clock();
    await using authority = await start(api, { now: clock.now });
    await healthy(authority);
    api.refuse = () => down;
    clock.aheadMs = 5 * dayMs;
    await leavesOf(authority, 2);
    expect(authority.recorder.leaves()).toEqual(['missing', 'nearing_end']);
    expect(isTrusted(api, authority)).toBe(true);
    await healthy(authority);
  });

  test('replaces a certificate that has expired during a pause of days (fault 22)', async () => {
    await using api = await FakeApi.start();
    const clock = new Clock();
    await using authority = await start(api, { now: clock.now });
    await healthy(authority);
    clock.aheadMs = 30 * dayMs;
    await leavesOf(authority, 2);
    expect(authority.recorder.leaves()).toEqual(['missing', 'expired']);
    await healthy(authority);
  });

  test('is the same for replicas whose clocks differ by less than an hour (fault 22)', async () => {
    await using api = await FakeApi.start();
    const clocks = [0, -55 * 60_000, 55 * 60_000].map(aheadMs => Object.assign(new Clock(), { aheadMs }));
    const running = await Promise.all(clocks.map(({ now }, index) => start(api, { now }, `${index}`)));
    await Promise.all(running.map(healthy));
    await delay(200); // ten more rounds each
    expect(running.flatMap(({ recorder }) => recorder.steps())).toEqual(['begin: secret_missing']);
    expect(running.map(authority => isTrusted(api, authority))).toEqual([true, true, true]);
    await Promise.all(running.map(authority => authority.stop()));
  });

  test('begins anew when its clock was days ahead and is put right, and keeps the old one trusted (fault 22)', async () => {
    await using api = await FakeApi.start();
    const clock = new Clock();
    clock.aheadMs = 5 * dayMs;
    await using authority = await start(api, { now: clock.now });
    await healthy(authority);
    const [early] = trusted(api);
    clock.aheadMs = 0;
    await leavesOf(authority, 2);
    await healthy(authority);
    expect(authority.recorder.steps()).toEqual(['begin: secret_missing', 'begin: current_not_yet_valid']);
    const validFrom = trusted(api).map(({ validFromDate }) => validFromDate.getTime() <= Date.now());
    expect(validFrom).toEqual([true, false]);
    expect(trusted(api)[1]?.fingerprint256).toBe(early?.fingerprint256);
  });

  test('overlaps when somebody replaces the Secret, so that no certificate in use is distrusted', async () => {
    await using api = await FakeApi.start();
    await using one = await start(api);
    await using other = await start(api, {}, 'other');
    await Promise.all([one, other].map(healthy));
    const distrusted: string[] = [];
    const check = (): void => {
      for (const authority of [one, other])
        if (!isTrusted(api, authority)) distrusted.push(authority.recorder.leaves().join());
    };
    for (const { source } of [one, other]) source.subscribe(check);
    const before = api.history.length;
    api.set(secretPath, foreignSecret());
    await Promise.all([one, other].map(authority => leavesOf(authority, 2)));
    expect([one, other].map(({ recorder }) => recorder.leaves())).toEqual([
      ['missing', 'issuer_replaced'],
      ['missing', 'issuer_replaced'],
    ]);
    expect(distrusted).toEqual([]);
    expect(
      api.history.slice(before).map(({ configuration }) => bundlesOf(configuration ?? {})[0]?.match(/BEGIN/g)?.length),
    ).toEqual([2]);
    expect([one, other].flatMap(({ recorder }) => recorder.steps()).sort()).toEqual([
      'begin: secret_missing',
      'keep: issuer_not_in_secret',
    ]);
  });

  test('takes nothing out of the bundle while the Secret is missing', async () => {
    await using api = await FakeApi.start();
    await using authority = await start(api);
    await healthy(authority);
    const [ours] = trusted(api);
    const another = createCertificateAuthority().certificate;
    api.set(secretPath, undefined);
    api.set(configurationPath, webhookConfiguration(configurationName, [{ caBundle: another }, { caBundle: another }]));
    await waitFor(() => trusted(api).length === 2, { what: 'our authority beside the other' });
    expect(trusted(api).map(({ fingerprint256 }) => fingerprint256)).toContain(ours?.fingerprint256);
  });

  test.each([
    { method: 'POST', refusal: { status: 409, reason: 'AlreadyExists' } },
    { method: 'PATCH', refusal: { status: 422, reason: 'Invalid' } },
    { method: 'PATCH', refusal: { status: 409, reason: 'Conflict' } },
  ])('looks again when its $method is overtaken with $refusal.status (fault 10)', async ({ method, refusal }) => {
    await using api = await FakeApi.start();
    let left = 3;
    api.refuse = request => {
      if (request.method !== method || left === 0) return undefined;
      left -= 1;
      return refusal;
    };
    await using authority = await start(api);
    await healthy(authority);
    expect(left).toBe(0);
  });

  test('works by polling alone where it may not watch', async () => {
    await using api = await FakeApi.start();
    api.refuse = ({ path }) => (path.endsWith('s') ? { status: 403, reason: 'Forbidden' } : undefined);
    api.set(secretPath, foreignSecret());
    await using authority = await start(api);
    await healthy(authority);
    api.set(configurationPath, webhookConfiguration(configurationName));
    await waitFor(() => isTrusted(api, authority), { what: 'the bundle to be published again' });
  });

  test('asks a failing API server less and less often (fault 14)', async () => {
    await using api = await FakeApi.start();
    api.refuse = () => down;
    await using authority = await start(api, { pollMs: 60_000, random: () => 1 });
    await delay(1_000);
    // At 0, 100, 300 and 700 ms: four looks of two requests, and the two watches.
    expect(api.requests.length).toBeLessThanOrEqual(10 + 2);
    expect(authority.source.current()).toBeUndefined();
  });

  test('waits as long as the API server asks for (fault 14)', async () => {
    await using api = await FakeApi.start();
    const path = configurationPath;
    let firstMs: number | undefined;
    let secondMs: number | undefined;
    api.refuse = request => {
      if (request.path !== path) return undefined;
      if (firstMs !== undefined) {
        secondMs ??= performance.now();
        return undefined;
      }
      firstMs = performance.now();
      return { status: 429, reason: 'TooManyRequests', retryAfter: 1 };
    };
    await using authority = await start(api);
    await healthy(authority);
    expect((secondMs ?? 0) - (firstMs ?? 0)).toBeGreaterThanOrEqual(990);
  });

  test('tells the metrics until when certificate and authority are valid, and whether they are trusted', async () => {
    await using api = await FakeApi.start();
    const configuration = api.get(configurationPath);
    api.set(configurationPath, undefined);
    await using authority = await start(api);
    const { recorder, source } = authority;
    await waitFor(() => recorder.inSync.length > 0, { what: 'the first round' });
    expect(recorder.inSync[0]).toBe(false);
    api.set(configurationPath, configuration);
    await waitFor(() => recorder.inSync.at(-1) === true, { what: 'the bundle to be in sync' });
    expect(recorder.servingEnds).toEqual([source.current()?.notAfterMs]);
    expect(recorder.authorityEnds.at(-1)).toBe(trusted(api)[0]?.validToDate.getTime());
  });
});
