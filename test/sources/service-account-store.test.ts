import { beforeEach, describe, expect, test } from 'vitest';
import type { ServiceAccountFacts } from '../../src/identity/service-account-annotations.ts';
import { type ServiceAccountRecord, ServiceAccountStore } from '../../src/sources/service-account-store.ts';
import { ownString, type JsonObject } from '../../src/util/json.ts';

/** `role` is the only annotation that these tests need. */
function parse(annotations: JsonObject | undefined): ServiceAccountFacts | undefined {
  const roleArn = annotations === undefined ? undefined : ownString(annotations, 'role');
  return roleArn === undefined ? undefined : { roleArn, notices: [] };
}

const account = { namespace: 'shop', name: 'api' };

function object(version: string, role?: string, name = 'api'): JsonObject {
  const annotations = role === undefined ? { other: 'x' } : { role };
  return { metadata: { namespace: 'shop', name, resourceVersion: version, annotations } };
}

function record(version: string, role?: string): ServiceAccountRecord {
  return { ...account, resourceVersion: version, annotations: role === undefined ? undefined : { role } };
}

let clock: { ms: number };
let store: ServiceAccountStore;

beforeEach(() => {
  clock = { ms: 0 };
  store = new ServiceAccountStore({ parse, recentMs: 3_000, now: () => clock.ms });
});

function list(version: string, ...objects: readonly JsonObject[]): void {
  store.begin();
  for (const item of objects) store.item(item);
  store.commit(version);
}

function apply(type: 'ADDED' | 'MODIFIED' | 'DELETED', version: string, role?: string, name = 'api'): void {
  store.applied({ kind: 'change', type, object: object(version, role, name), resourceVersion: version });
}

/** The role, `none`, or `unknown`. */
function known(): string {
  const entry = store.get(account);
  return entry === undefined ? 'unknown' : (entry.facts?.roleArn ?? 'none');
}

describe('a list', () => {
  test('tells roles, and names without one', () => {
    list('10', object('5', 'a'), object('6', undefined, 'other'));
    expect(known()).toBe('a');
    expect(store.get({ namespace: 'shop', name: 'other' })).toEqual({ facts: undefined, resourceVersion: '' });
    expect(store.get({ namespace: 'else', name: 'api' })).toBeUndefined();
  });

  test('costs one shared entry for all accounts without annotations (E46)', () => {
    list('10', object('5', undefined, 'one'), object('6', undefined, 'two'));
    expect(store.get({ namespace: 'shop', name: 'one' })).toBe(store.get({ namespace: 'shop', name: 'two' }));
  });

  test('counts only when it is complete', () => {
    list('10', object('5', 'a'));
    store.begin();
    store.item(object('15', 'b'));
    expect(known()).toBe('a');
    store.begin();
    store.commit('20');
    expect(known()).toBe('unknown');
  });

  test('drops accounts that it lacks (E44)', () => {
    list('10', object('5', 'a'));
    list('20');
    expect(known()).toBe('unknown');
  });

  test('lacks what was deleted while it was streamed', () => {
    store.begin();
    store.item(object('5', 'a'));
    store.itemDeleted(object('8', 'a'));
    store.commit('10');
    expect(known()).toBe('unknown');
  });

  test('keeps what a live read found later (E43)', () => {
    list('10', object('5', 'a'));
    store.begin();
    store.item(object('5', 'a'));
    store.applyRead(record('25', 'b'));
    store.commit('20');
    expect(known()).toBe('b');
  });

  test('drops what a live read found earlier', () => {
    store.applyRead(record('15', 'b'));
    list('20');
    expect(known()).toBe('unknown');
  });

  test('counts alone when the history was turned back, as after a restore of etcd', () => {
    list('1000', object('900', 'a'), object('950', 'b', 'gone'));
    apply('MODIFIED', '1001', 'c');
    list('500', object('400', 'old'));
    expect(known()).toBe('old');
    expect(store.get({ namespace: 'shop', name: 'gone' })).toBeUndefined();
    apply('MODIFIED', '501', 'new');
    expect(known()).toBe('new');
  });

  test.each([{}, { metadata: {} }, { metadata: { name: 'a', namespace: 'b' } }, { metadata: [] }])(
    'passes over %j',
    broken => {
      list('10', broken, object('5', 'a'));
      expect(known()).toBe('a');
    },
  );
});

describe('applied()', () => {
  test.each([
    { name: 'an added account', events: [['ADDED', '11', 'a']], expected: 'a' },
    { name: 'an added account without role', events: [['ADDED', '11']], expected: 'none' },
    {
      name: 'a changed role',
      events: [
        ['ADDED', '11', 'a'],
        ['MODIFIED', '12', 'b'],
      ],
      expected: 'b',
    },
    {
      name: 'a removed role (fault 16)',
      events: [
        ['ADDED', '11', 'a'],
        ['MODIFIED', '12'],
      ],
      expected: 'none',
    },
    {
      name: 'a deleted account (E42)',
      events: [
        ['ADDED', '11', 'a'],
        ['DELETED', '12', 'a'],
      ],
      expected: 'unknown',
    },
    {
      name: 'an account that was deleted and created again with another role (E43)',
      events: [
        ['ADDED', '11', 'a'],
        ['DELETED', '12', 'a'],
        ['ADDED', '13', 'b'],
      ],
      expected: 'b',
    },
  ] as const)('takes $name', ({ events, expected }) => {
    list('10');
    for (const [type, version, role] of events) apply(type, version, role);
    expect(known()).toBe(expected);
  });

  test('takes the deletion of a listed account without role', () => {
    list('10', object('5'));
    apply('DELETED', '11');
    expect(known()).toBe('unknown');
  });

  test.each(['MODIFIED', 'DELETED'] as const)('lets a late %s pass that a live read has overtaken (E43)', type => {
    list('9', object('5', 'a'));
    store.applyRead(record('12', 'new'));
    apply(type, '11', 'old');
    expect(known()).toBe('new');
    apply(type, '13', 'newer');
    expect(known()).toBe(type === 'DELETED' ? 'unknown' : 'newer');
  });
});

describe('applyRead()', () => {
  test('stores an account that is not known, and answers with it (E40)', () => {
    list('10');
    expect(store.applyRead(record('11', 'a')).facts?.roleArn).toBe('a');
    expect(known()).toBe('a');
  });

  test('stores a role that has come since (E41)', () => {
    list('10', object('5'));
    expect(store.applyRead(record('11', 'a')).facts?.roleArn).toBe('a');
    expect(known()).toBe('a');
  });

  test('answers with what the watch told when that is newer (E43)', () => {
    list('10', object('5', 'a'));
    apply('MODIFIED', '12', 'b');
    expect(store.applyRead(record('11', 'late')).facts?.roleArn).toBe('b');
    expect(known()).toBe('b');
  });

  test('does not give back a role that the list shows to be gone', () => {
    list('10', object('8'));
    expect(store.applyRead(record('7', 'late')).facts).toBeUndefined();
    expect(known()).toBe('none');
  });

  test('does not raise an account that the watch saw deleted (E42)', () => {
    list('10', object('5', 'a'));
    apply('DELETED', '12', 'a');
    store.applyRead(record('5', 'a'));
    expect(known()).toBe('unknown');
  });

  test('does not raise an account that a new list lacks (E42)', () => {
    list('10', object('5', 'a'));
    list('20');
    store.applyRead(record('5', 'a'));
    expect(known()).toBe('unknown');
  });

  test('compares versions beyond 2^53', () => {
    list('9007199254740992', object('9007199254740990', 'a'));
    store.applyRead(record('9007199254740993', 'b'));
    expect(known()).toBe('b');
  });
});

describe('changedRecently()', () => {
  test.each([
    { name: 'an account that was created without role', events: [['ADDED', '11']], expected: true },
    { name: 'an account whose role was removed', events: [['MODIFIED', '11']], expected: true },
    { name: 'an account with a role', events: [['ADDED', '11', 'a']], expected: false },
    {
      name: 'an account that has got its role',
      events: [
        ['ADDED', '11'],
        ['MODIFIED', '12', 'a'],
      ],
      expected: false,
    },
    {
      name: 'a deleted account',
      events: [
        ['ADDED', '11'],
        ['DELETED', '12'],
      ],
      expected: false,
    },
  ] as const)('is $expected for $name (E41)', ({ events, expected }) => {
    list('10', object('5', 'before'));
    for (const [type, version, role] of events) apply(type, version, role);
    expect(store.changedRecently(account)).toBe(expected);
  });

  test('is false for a listed account, and true for one that only a live read knows', () => {
    list('10', object('5'));
    expect(store.changedRecently(account)).toBe(false);
    store.applyRead(record('11'));
    expect(store.changedRecently(account)).toBe(true);
  });

  test('ends after the given time', () => {
    list('10');
    apply('ADDED', '11');
    clock.ms = 2_999;
    expect(store.changedRecently(account)).toBe(true);
    clock.ms = 3_000;
    expect(store.changedRecently(account)).toBe(false);
  });
});

test('annotated() gives name and facts of annotated accounts only', () => {
  list('10', object('5', 'a'), object('6', undefined, 'other'));
  expect([...store.annotated()]).toEqual([['shop/api', { roleArn: 'a', notices: [] }]]);
});
