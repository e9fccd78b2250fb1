import { expect, test } from 'vitest';
import { createBodyBudget } from '../../src/server/body-budget.ts';

test('createBodyBudget() gives no more than there is, and gives again what came back', () => {
  const budget = createBodyBudget(10);
  expect(budget.reserve(6)).toBe(true);
  expect(budget.reserve(5)).toBe(false);
  expect(budget.reserve(4)).toBe(true);
  expect(budget.reserve(1)).toBe(false);
  expect(budget.reserve(0)).toBe(true);
  budget.release(4);
  expect(budget.reserve(5)).toBe(false);
  expect(budget.reserve(4)).toBe(true);
});
