import { describe, expect, test } from 'vitest';
import { lastWriteOf } from '../../src/comparison/causes.ts';

const path = ['metadata', 'annotations', 'example.com/role-arn'];
const owning = { 'f:metadata': { 'f:annotations': { '.': {}, 'f:example.com/role-arn': {} } } };
const entry = (manager: string, time: string | undefined, fieldsV1: unknown = owning): object => ({
  manager,
  time,
  fieldsV1,
});
const objectWith = (...managedFields: readonly unknown[]): { readonly [field: string]: unknown } => ({
  metadata: { managedFields },
});

describe('lastWriteOf()', () => {
  test.each([
    [
      'the owner’s time',
      objectWith(entry('kubectl-annotate', '2026-11-01T00:00:00Z')),
      { time: '2026-11-01T00:00:00Z', manager: 'kubectl-annotate' },
    ],
    [
      'the latest of several owners',
      objectWith(
        entry('a', '2026-11-01T00:00:00Z'),
        entry('b', '2026-11-03T00:00:00Z'),
        entry('c', '2026-11-02T00:00:00Z'),
      ),
      { time: '2026-11-03T00:00:00Z', manager: 'b' },
    ],
    [
      'nothing for who owns something else',
      objectWith(entry('a', '2026-11-01T00:00:00Z', { 'f:metadata': { 'f:annotations': { 'f:other': {} } } })),
      undefined,
    ],
    ['nothing without a time', objectWith(entry('a', undefined)), undefined],
    ['nothing without managedFields', { metadata: {} }, undefined],
    ['nothing for what is no object', objectWith(1, null, 'x', entry('a', '2026-11-01T00:00:00Z', [])), undefined],
    ['nothing for no metadata', {}, undefined],
  ])('gives %s', (_, object, expected) => {
    expect(lastWriteOf(object, path)).toEqual(expected);
  });
});
