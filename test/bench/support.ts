import type { Load } from '../../bench/load.ts';

/** A measurement in which every figure is this one, unless something else is said. */
export function loadOf(figure: number, more: Partial<Load> = {}): Load {
  return {
    reviewsPerSecond: figure,
    failures: {},
    cpuMicroseconds: figure,
    webhookCore: figure,
    clientCore: 0.5,
    othersCores: 0,
    latencyMs: { p50: figure, p90: figure, p99: figure, p999: figure },
    memory: { resident: figure, anonymous: figure, peak: figure },
    ...more,
  };
}
