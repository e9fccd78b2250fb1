import { describe, expect, test } from 'vitest';
import { at, listAt, objectAt, parseJson, textAt } from '../../src/util/json.ts';

const pod = JSON.parse('{"a":{"b":{"text":"x","list":[1],"number":3}},"__proto__":{"text":"own"}}') as unknown;

describe('at() and its kin', () => {
  test.each<[string, readonly string[], unknown]>([
    ['at() returns what stands at the end of a path', ['a', 'b', 'number'], 3],
    ['at() returns undefined where a step is missing', ['a', 'c', 'number'], undefined],
    ['at() returns undefined below a text', ['a', 'b', 'text', 'length'], undefined],
    ['at() returns undefined below a list', ['a', 'b', 'list', 'length'], undefined],
    ['at() returns no field of a prototype', ['a', 'constructor'], undefined],
    ['at() returns an own field named __proto__', ['__proto__', 'text'], 'own'],
  ])('%s', (_, path, expected) => expect(at(pod, ...path)).toEqual(expected));

  test.each([undefined, null, 'text', 3, []])('at() returns undefined for %j', value => {
    expect(at(value, 'a')).toBeUndefined();
  });

  test('objectAt() and textAt() return undefined for another type, listAt() an empty list', () => {
    expect(objectAt(pod, 'a', 'b', 'text')).toBeUndefined();
    expect(textAt(pod, 'a', 'b', 'number')).toBeUndefined();
    expect(listAt(pod, 'a', 'b')).toEqual([]);
    expect(listAt(pod, 'a', 'b', 'list')).toEqual([1]);
  });
});

test.each(['', 'undefined', '{', '{}{}'])('parseJson() returns undefined for %j', text => {
  expect(parseJson(text)).toBeUndefined();
});
