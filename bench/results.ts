import { FailureCounter, type Failures, type Load } from './load.ts';
import type { MemoryUse } from './process-usage.ts';
import { median } from './statistics.ts';
import type { StartTimes } from './webhook-process.ts';

/** All that was found out about one webhook. */
export interface WebhookResult {
  readonly name: string;
  /** Undefined for a webhook that somebody else has started. */
  readonly started: StartTimes | undefined;
  readonly tlsVersion: string;
  /** Before any load, after all of it; undefined where the system does not tell. */
  readonly idle: MemoryUse | undefined;
  readonly afterLoad: MemoryUse | undefined;
  /** The most while saturated. */
  readonly underLoad: MemoryUse | undefined;
  readonly scenarios: readonly ScenarioResult[];
}

export interface ScenarioResult {
  readonly kind: 'saturated' | 'open_loop';
  readonly name: string;
  /** The medians of all rounds, and the sum of their failures. */
  readonly median: Load;
  readonly rounds: readonly Load[];
}

/** The median of each figure. Failures are added up: none may get lost. */
export function medianLoad(rounds: readonly Load[]): Load {
  const of = (figure: (load: Load) => number): number => median(rounds.map(figure));
  const ofKnown = (figure: (load: Load) => number | undefined): number | undefined => {
    const known = rounds.map(figure).filter(value => value !== undefined);
    return known.length === 0 ? undefined : median(known);
  };
  return {
    reviewsPerSecond: of(load => load.reviewsPerSecond),
    failures: sumOf(rounds.map(load => load.failures)),
    cpuMicroseconds: ofKnown(load => load.cpuMicroseconds),
    webhookCore: ofKnown(load => load.webhookCore),
    clientCore: of(load => load.clientCore),
    othersCores: of(load => load.othersCores),
    latencyMs: {
      p50: of(load => load.latencyMs.p50),
      p90: of(load => load.latencyMs.p90),
      p99: of(load => load.latencyMs.p99),
      p999: of(load => load.latencyMs.p999),
    },
    memory: mostMemory(rounds),
  };
}

function sumOf(all: readonly Failures[]): Failures {
  const sum = new FailureCounter();
  for (const failures of all) for (const [cause, count] of Object.entries(failures)) sum.add(cause, count);
  return sum.counts();
}

/** The sample with the most resident memory. */
export function mostMemory(loads: readonly Load[]): MemoryUse | undefined {
  const samples = loads.map(load => load.memory).filter(memory => memory !== undefined);
  return samples.toSorted((a, b) => b.resident - a.resident)[0];
}
