import { expect, test } from 'vitest';
import { backoffMs } from '../../src/util/waiting.ts';

const bounds = { floorMs: 800, ceilingMs: 30_000 };

test.each([
  { failures: 1, least: 800, most: 1_600 },
  { failures: 2, least: 800, most: 3_200 },
  { failures: 5, least: 800, most: 25_600 },
  { failures: 6, least: 800, most: 30_000 },
  { failures: 5_000, least: 800, most: 30_000 },
])('backoffMs() is between $least and $most after $failures failures', ({ failures, least, most }) => {
  expect(backoffMs(failures, bounds, () => 0)).toBe(least);
  expect(backoffMs(failures, bounds, () => 0.5)).toBe((least + most) / 2);
  expect(backoffMs(failures, bounds, () => 1)).toBe(most);
});
