import { describe, expect, test } from 'vitest';
import { findingCodes } from '../../src/comparison/finding-kinds.ts';
import { audit, summary } from '../audit/support.ts';
import { cases } from './cases.ts';
import { layoutCases } from './layout-cases.ts';

const all = [...cases, ...layoutCases];

describe('audit()', () => {
  test.each(all)('finds $found when $when', ({ pods, world, found }) => {
    expect(summary(audit(pods, world)).toSorted()).toEqual(found.toSorted());
  });

  test('has a case for every code', () => {
    const found = new Set(all.flatMap(each => each.found).map(text => text.split(' ')[0]));
    expect(found).toEqual(new Set(findingCodes));
  });
});
