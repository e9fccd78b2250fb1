import { describe, expect, test } from 'vitest';
import { medianLoad, mostMemory } from '../../bench/results.ts';
import { loadOf } from './support.ts';

describe('medianLoad()', () => {
  test('takes the median of each figure by itself', () => {
    const rounds = [loadOf(1, { cpuMicroseconds: 30 }), loadOf(2, { cpuMicroseconds: 10 }), loadOf(9)];
    const { reviewsPerSecond, cpuMicroseconds, latencyMs } = medianLoad(rounds);
    expect({ reviewsPerSecond, cpuMicroseconds, p999: latencyMs.p999 }).toEqual({
      reviewsPerSecond: 2,
      cpuMicroseconds: 10,
      p999: 2,
    });
  });

  test('adds up the failures of all rounds by their cause', () => {
    const rounds = [loadOf(1, { failures: { 'HTTP 503': 2 } }), loadOf(1, { failures: { 'HTTP 503': 1, EPIPE: 4 } })];
    expect(medianLoad([...rounds, loadOf(1)]).failures).toEqual({ 'HTTP 503': 3, EPIPE: 4 });
  });

  test('leaves out what the system does not tell', () => {
    const unknown = loadOf(1, { cpuMicroseconds: undefined, webhookCore: undefined, memory: undefined });
    expect(medianLoad([unknown, unknown])).toMatchObject({ cpuMicroseconds: undefined, memory: undefined });
  });
});

describe('mostMemory()', () => {
  test('gives the sample with the most resident memory', () => {
    expect(mostMemory([loadOf(80), loadOf(120), loadOf(90)])?.resident).toBe(120);
  });
});
