import { expect, test } from 'vitest';
import { isNamespaceName, isServiceAccountName } from '../../src/kubernetes/objects.ts';

test.each([
  { text: 'shop', namespace: true, account: true },
  { text: 'a', namespace: true, account: true },
  { text: '0', namespace: true, account: true },
  { text: 'a-b', namespace: true, account: true },
  { text: 'a'.repeat(63), namespace: true, account: true },
  { text: 'a'.repeat(64), namespace: false, account: true },
  { text: 'a'.repeat(253), namespace: false, account: true },
  { text: 'a'.repeat(254), namespace: false, account: false },
  { text: 'a.b', namespace: false, account: true },
  { text: '', namespace: false, account: false },
  { text: '.', namespace: false, account: false },
  { text: '..', namespace: false, account: false },
  { text: 'a..b', namespace: false, account: false },
  { text: '-a', namespace: false, account: false },
  { text: 'a-', namespace: false, account: false },
  { text: 'A', namespace: false, account: false },
  { text: 'a/b', namespace: false, account: false },
  { text: 'a%2fb', namespace: false, account: false },
  { text: 'a?b', namespace: false, account: false },
  { text: 'a\n', namespace: false, account: false },
  { text: 'ä', namespace: false, account: false },
])('isNamespaceName() is $namespace and isServiceAccountName() $account for $text', ({ text, namespace, account }) => {
  expect(isNamespaceName(text)).toBe(namespace);
  expect(isServiceAccountName(text)).toBe(account);
});
