import { expect, test } from 'vitest';
import { createHeapCheck } from '../../../src/commands/serve/garbage-collector.ts';

const mebibyte = 1_048_576;

test('createHeapCheck() collects when 48 MiB have been used since the last collection', () => {
  let used = 20;
  let kept = 25;
  let collections = 0;
  const check = createHeapCheck({
    usedBytes: () => used * mebibyte,
    collect() {
      collections += 1;
      used = kept;
    },
  });
  const collectionsAt = (mebibytes: number): number => {
    used = mebibytes;
    check();
    return collections;
  };
  expect(collectionsAt(67)).toBe(0);
  expect(collectionsAt(68)).toBe(1);
  expect(collectionsAt(72)).toBe(1);
  kept = 60; // more ServiceAccounts have come
  expect(collectionsAt(73)).toBe(2);
  expect(collectionsAt(107)).toBe(2);
  expect(collectionsAt(108)).toBe(3);
});
