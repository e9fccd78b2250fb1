import { describe, expect, test } from 'vitest';
import { withLowerCaseFields } from '../../src/go/json.ts';

describe('withLowerCaseFields()', () => {
  test('keeps the last of two fields that differ by case only, as Go does', () => {
    expect(withLowerCaseFields({ RoleARN: 'first', rolearn: 'last' })).toEqual({ rolearn: 'last' });
  });

  test('E15: keeps a field named __proto__ as data', () => {
    const parsed = withLowerCaseFields(JSON.parse('{"__proto__":{"polluted":true}}'));
    expect(Object.keys(parsed)).toEqual(['__proto__']);
    expect(parsed['polluted']).toBeUndefined();
  });
});
