import { describe, expect, test } from 'vitest';
import { defaultsWith } from '../identity/support.ts';
import type { IdentityAnswer } from '../../src/identity/identity.ts';
import { emptyMapping, parseMapping, type RoleMapping } from '../../src/identity/mapping.ts';
import { LiveIdentitySource } from '../../src/sources/live-identity-source.ts';
import type { LookupResult } from '../../src/sources/service-account-lookup.ts';
import type { KnownServiceAccount } from '../../src/sources/service-account-store.ts';

const account = { namespace: 'shop', name: 'api' };
const defaults = defaultsWith({ regionalSts: true });

const withRole: KnownServiceAccount = { facts: { roleArn: 'own', notices: [] } };
const withoutRole: KnownServiceAccount = { facts: undefined };
const withSettings: KnownServiceAccount = { facts: { roleArn: '', regionalSts: false, notices: [] } };
const found = (known: KnownServiceAccount): LookupResult => ({ kind: 'found', account: known });
const notFound: LookupResult = { kind: 'not_found' };
const failed: LookupResult = { kind: 'failed', reason: 'lookup_failed', detail: 'refused' };

interface Given {
  readonly known?: KnownServiceAccount;
  readonly vouched?: boolean;
  readonly read?: LookupResult;
  readonly mapping?: 'none' | 'mapped' | 'not_synced';
  readonly association?: 'none' | 'associated' | 'not_loaded';
  readonly maxWaitMs?: number;
  /** How many rechecks are allowed. */
  readonly rechecks?: number;
}

function mapped(): RoleMapping {
  const parsed = parseMapping('{"shop/api":{"RoleARN":"mapped"}}');
  return parsed.kind === 'mapping' ? parsed.mapping : emptyMapping;
}

function createSource(given: Given) {
  let rechecks = given.rechecks ?? 0;
  const refusals: string[] = [];
  const clock = { ms: 0 };
  const told: string[] = [];
  const waits: number[] = [];
  const { mapping, association } = given;
  const source = new LiveIdentitySource({
    accounts: { get: () => given.known, vouchesFor: () => given.vouched ?? true },
    find: async (_, waitMs) => {
      waits.push(waitMs);
      return given.read ?? failed;
    },
    mapping:
      mapping === undefined
        ? undefined
        : { synced: () => mapping !== 'not_synced', current: () => (mapping === 'mapped' ? mapped() : emptyMapping) },
    associations:
      association === undefined
        ? undefined
        : {
            synced: () => association !== 'not_loaded',
            current: () => ({ has: () => association === 'associated' }),
          },
    rechecks: given.rechecks === undefined ? undefined : { take: () => rechecks-- > 0 },
    defaults,
    maxWaitMs: given.maxWaitMs ?? Number.POSITIVE_INFINITY,
    observer: {
      lookedUp: (from, result) => told.push(`${from} ${result}`),
      waited: () => undefined,
      refused: reason => refusals.push(reason),
    },
    now: () => clock.ms,
  });
  return { source, told, waits, refusals, clock };
}

function textOf(answer: IdentityAnswer): string {
  if (answer.kind !== 'identity') return answer.reason;
  const { identity } = answer;
  return identity.method === 'web_identity'
    ? identity.roleArn.value
    : `container, regional ${identity.regionalSts.value}`;
}

describe('identityOf() answers at once', () => {
  test.each([
    { name: 'a known role', given: { known: withRole }, expected: 'own' },
    {
      name: 'a known role although the watch is down (fault 11)',
      given: { known: withRole, vouched: false },
      expected: 'own',
    },
    { name: 'a known role before the mapping (E56)', given: { known: withRole, mapping: 'mapped' }, expected: 'own' },
    {
      name: 'a known role although the mapping has not been read',
      given: { known: withRole, mapping: 'not_synced' },
      expected: 'own',
    },
    { name: 'a known lack of a role that is vouched for', given: { known: withoutRole }, expected: 'no_role' },
    {
      name: 'the mapped role of an account without its own',
      given: { known: withoutRole, mapping: 'mapped' },
      expected: 'mapped',
    },
    {
      name: 'an association before a role (E65)',
      given: { known: withRole, association: 'associated' },
      expected: 'container, regional true',
    },
    {
      name: 'an association with the account’s settings (E65)',
      given: { known: withSettings, vouched: false, association: 'associated' },
      expected: 'container, regional false',
    },
    {
      name: 'mapping_not_synced when only the mapping could tell',
      given: { known: withoutRole, mapping: 'not_synced' },
      expected: 'mapping_not_synced',
    },
    {
      name: 'associations_not_loaded whatever is known',
      given: { known: withRole, association: 'not_loaded' },
      expected: 'associations_not_loaded',
    },
    {
      name: 'the role when the file has no association',
      given: { known: withRole, association: 'none' },
      expected: 'own',
    },
  ] as const)('$name', ({ given, expected }) => {
    const { source, waits } = createSource(given);
    const answer = source.identityOf(account, 5_000);
    if (answer instanceof Promise) throw new Error('expected an answer at once');
    expect(textOf(answer)).toBe(expected);
    expect(waits).toEqual([]);
  });
});

describe('identityOf() asks the API server', () => {
  test.each([
    { name: 'for an unknown account, which has a role (E40)', given: { read: found(withRole) }, expected: 'own' },
    { name: 'for an unknown account, which has none', given: { read: found(withoutRole) }, expected: 'no_role' },
    {
      name: 'for an unknown account, which does not exist',
      given: { read: notFound },
      expected: 'service_account_not_found',
    },
    { name: 'for an unknown account, in vain', given: { read: failed }, expected: 'lookup_failed' },
    {
      name: 'for an unknown account, in vain, though one is mapped (E56)',
      given: { read: failed, mapping: 'mapped' },
      expected: 'lookup_failed',
    },
    {
      name: 'for an unknown account, which does not exist but is mapped',
      given: { read: notFound, mapping: 'mapped' },
      expected: 'mapped',
    },
    {
      name: 'for an unknown account, whose role comes before the mapping',
      given: { read: found(withRole), mapping: 'mapped' },
      expected: 'own',
    },
    {
      name: 'for an unknown account, whose mapping has not been read',
      given: { read: found(withoutRole), mapping: 'not_synced' },
      expected: 'mapping_not_synced',
    },
    {
      name: 'for a lack of a role that nothing vouches for (E41)',
      given: { known: withoutRole, vouched: false, read: found(withRole) },
      expected: 'own',
    },
    {
      name: 'for the same, which has none still',
      given: { known: withoutRole, vouched: false, read: found(withoutRole) },
      expected: 'no_role',
    },
    {
      name: 'for the same, which is gone (E42)',
      given: { known: withoutRole, vouched: false, read: notFound },
      expected: 'service_account_not_found',
    },
    {
      name: 'for the same, in vain',
      given: { known: withoutRole, vouched: false, read: failed },
      expected: 'lookup_failed',
    },
    {
      name: 'for the same, in vain, and answers the mapped role as before (fault 11)',
      given: { known: withoutRole, vouched: false, read: failed, mapping: 'mapped' },
      expected: 'mapped',
    },
    {
      name: 'for the settings of an association',
      given: { association: 'associated', read: found(withSettings) },
      expected: 'container, regional false',
    },
    {
      name: 'for the settings of an association, in vain, and takes the flags (E65)',
      given: { association: 'associated', read: failed },
      expected: 'container, regional true',
    },
    {
      name: 'for the settings of an association, of an account that does not exist',
      given: { association: 'associated', read: notFound },
      expected: 'container, regional true',
    },
  ] as const)('$name', async ({ given, expected }) => {
    const { source, waits } = createSource(given);
    const answer = source.identityOf(account, 5_000);
    expect(answer).toBeInstanceOf(Promise);
    expect(textOf(await answer)).toBe(expected);
    expect(waits).toEqual([5_000]);
  });

  test.each([
    { waitMs: 5_000, maxWaitMs: 100, expected: 100 },
    { waitMs: 50, maxWaitMs: 100, expected: 50 },
  ])(
    'for at most $expected ms of $waitMs when the grace period is $maxWaitMs (E18)',
    async ({ waitMs, maxWaitMs, expected }) => {
      const { source, waits } = createSource({ maxWaitMs });
      await source.identityOf(account, waitMs);
      expect(waits).toEqual([expected]);
    },
  );

  test('and says which account could not be read, and why', async () => {
    const { source } = createSource({ read: failed });
    expect(await source.identityOf(account, 5_000)).toEqual({
      kind: 'unavailable',
      reason: 'lookup_failed',
      detail: 'ServiceAccount "shop/api": refused',
    });
  });
});

test.each([
  { given: { known: withRole }, told: ['cache hit'] },
  { given: { read: found(withRole) }, told: ['cache miss', 'api hit'] },
  { given: { read: notFound }, told: ['cache miss', 'api miss'] },
  { given: { read: failed }, told: ['cache miss', 'api error'] },
  { given: { known: withoutRole, mapping: 'mapped' }, told: ['cache hit', 'configmap hit'] },
  { given: { known: withoutRole, mapping: 'none' }, told: ['cache hit', 'configmap miss'] },
] as const)('identityOf() tells the metrics $told', async ({ given, told }) => {
  const created = createSource(given);
  await created.source.identityOf(account, 5_000);
  expect(created.told).toEqual(told);
});

describe('identityOf() reads an account known without a role again, although the watch vouches for it (E41)', () => {
  test.each<{ name: string; given: Given; expected: string; reads: number }>([
    { name: 'its role has come', given: { read: found(withRole) }, expected: 'own', reads: 1 },
    { name: 'it has none', given: { read: found(withoutRole) }, expected: 'no_role', reads: 1 },
    { name: 'it is gone', given: { read: notFound }, expected: 'service_account_not_found', reads: 1 },
    { name: 'the read fails: the watch is right', given: { read: failed }, expected: 'no_role', reads: 1 },
    {
      name: 'a mapped role is outdone by its own',
      given: { read: found(withRole), mapping: 'mapped' },
      expected: 'own',
      reads: 1,
    },
    { name: 'no more are allowed', given: { read: found(withRole), rechecks: 0 }, expected: 'no_role', reads: 0 },
    { name: 'it has a role', given: { known: withRole, read: notFound }, expected: 'own', reads: 0 },
    { name: 'it is associated', given: { association: 'associated' }, expected: 'container, regional true', reads: 0 },
  ])('$name', async ({ given, expected, reads }) => {
    const { source, waits } = createSource({ known: withoutRole, rechecks: 1, ...given });
    expect(textOf(await source.identityOf(account, 10_000))).toBe(expected);
    expect(waits).toEqual(Array.from({ length: reads }, () => 1_000));
  });

  test('not for a second after a read that failed, in the same namespace', async () => {
    const { source, waits, refusals, clock } = createSource({ known: withoutRole, rechecks: 10, read: failed });
    const reads = async (namespace: string): Promise<number> => {
      const before = waits.length;
      await source.identityOf({ namespace, name: 'api' }, 10_000);
      return waits.length - before;
    };
    expect([await reads('shop'), await reads('shop'), await reads('other')]).toEqual([1, 0, 1]);
    clock.ms += 999;
    expect([await reads('shop'), await reads('third')]).toEqual([0, 1]);
    clock.ms += 1;
    expect(await reads('shop')).toBe(1);
    expect(refusals).toEqual(['rechecks', 'rechecks']);
  });

  test.each([
    { rechecks: undefined, expected: [] },
    { rechecks: 0, expected: ['rechecks'] },
    { rechecks: 1, expected: [] },
  ])('and it is counted when one is refused: $rechecks allowed', async ({ rechecks, expected }) => {
    const allowed = rechecks === undefined ? {} : { rechecks };
    const { source, refusals } = createSource({ known: withoutRole, read: found(withoutRole), ...allowed });
    await source.identityOf(account, 10_000);
    expect(refusals).toEqual(expected);
  });

  test('the watch tells while the read hangs', async () => {
    const given: { known: KnownServiceAccount; rechecks: number; read: LookupResult } = {
      known: withoutRole,
      rechecks: 1,
      read: failed,
    };
    const answer = createSource(given).source.identityOf(account, 10_000);
    given.known = withRole;
    expect(textOf(await answer)).toBe('own');
  });
});
