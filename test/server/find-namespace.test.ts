import { expect, test } from 'vitest';
import { findNamespace } from '../../src/server/find-namespace.ts';
import { reviewOf } from '../admission/support.ts';

test.each([
  { name: 'a review', text: reviewOf({ namespace: 'shop' }), namespace: 'shop' },
  { name: 'nothing', text: '', namespace: '' },
  {
    name: 'a name that pretends to end its string',
    text: '{"name":"x\\",\\"namespace\\":\\"evil","namespace":"shop"',
    namespace: 'shop',
  },
  { name: 'a namespace that is cut off', text: '{"name":"x","namespace":"sho', namespace: '' },
  { name: 'a namespace that cannot be one', text: '{"name":"x","namespace":"Shop_1"', namespace: '' },
  { name: 'a namespace that is too long', text: `{"name":"x","namespace":"${'a'.repeat(64)}"`, namespace: '' },
  {
    name: 'a namespace of full length',
    text: `{"name":"x","namespace":"${'a'.repeat(63)}"`,
    namespace: 'a'.repeat(63),
  },
])('findNamespace() returns the namespace of $name', ({ text, namespace }) => {
  expect(findNamespace(Buffer.from(text))).toBe(namespace);
});
