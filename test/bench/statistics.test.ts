import { describe, expect, test } from 'vitest';
import { median, percentile, poissonArrivals, Samples, seededRandom } from '../../bench/statistics.ts';

describe('median()', () => {
  test.each([
    { values: [7], expected: 7 },
    { values: [3, 1, 2], expected: 2 },
    { values: [10, 9, 1, 2], expected: 5.5 },
  ])('of $values is $expected', ({ values, expected }) => {
    expect(median(values)).toBe(expected);
  });
});

describe('percentile()', () => {
  const hundred = Float64Array.from({ length: 100 }, (_, index) => index + 1);

  test.each([
    { percent: 0, expected: 1 },
    { percent: 1, expected: 1 },
    { percent: 50, expected: 50 },
    { percent: 99, expected: 99 },
    { percent: 99.1, expected: 100 },
    { percent: 100, expected: 100 },
  ])('gives $expected for $percent % of 1 to 100', ({ percent, expected }) => {
    expect(percentile(hundred, percent)).toBe(expected);
  });

  test('gives NaN when there are no values', () => {
    expect(percentile(new Float64Array(), 50)).toBeNaN();
  });
});

describe('poissonArrivals()', () => {
  const arrivals = poissonArrivals(1_000, 10_000, seededRandom(1));
  const gaps = arrivals.map((arrival, index) => arrival - (arrivals[index - 1] ?? 0));

  test('gives ascending times within the duration', () => {
    expect(gaps.every(gap => gap > 0)).toBe(true);
    expect(arrivals.at(-1)).toBeLessThan(10_000);
  });

  test('gives as many as the rate says', () => {
    // 10,000 are expected, with a standard deviation of 100.
    expect(Math.abs(arrivals.length - 10_000)).toBeLessThan(400);
  });

  test('gives gaps that are exponentially distributed', () => {
    // Of exponential gaps, 1 - 1/e are shorter than the mean.
    const shorter = gaps.filter(gap => gap < 1).length / gaps.length;
    expect(Math.abs(shorter - (1 - 1 / Math.E))).toBeLessThan(0.02);
  });

  test('stays finite when the random number is its smallest', () => {
    const smallest = [0, 0.5, 0.999_999];
    let next = 0;
    const times = poissonArrivals(1, 5_000, () => smallest[next++ % smallest.length] ?? 0);
    expect(times.every(Number.isFinite)).toBe(true);
  });
});

describe('seededRandom()', () => {
  test.each([0, 1, 2 ** 31, -5])('repeats itself for the seed %d', seed => {
    const [one, other] = [seededRandom(seed), seededRandom(seed)];
    const numbers = Array.from({ length: 1_000 }, () => one());
    expect(numbers).toEqual(Array.from({ length: 1_000 }, () => other()));
    expect(numbers.every(number => number >= 0 && number < 1)).toBe(true);
    expect(new Set(numbers).size).toBeGreaterThan(990);
  });
});

describe('Samples', () => {
  test('keeps more samples than it was made for, and sorts them', () => {
    const samples = new Samples(2);
    for (const value of [5, 3, 11, 1, 2]) samples.add(value);
    expect(samples.size).toBe(5);
    expect([...samples.sorted()]).toEqual([1, 2, 3, 5, 11]);
  });

  test('is empty at first', () => {
    expect([...new Samples(0).sorted()]).toEqual([]);
  });
});
