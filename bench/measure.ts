import { checkWebhook, type Checked } from './check-webhook.ts';
import { countFailures, type Load, type Target } from './load.ts';
import { processUsage, type MemoryUse } from './process-usage.ts';
import { medianLoad, mostMemory, type WebhookResult } from './results.ts';
import type { Review } from './reviews.ts';
import { warmUp, type Scenario } from './scenarios.ts';
import type { StartTimes } from './webhook-process.ts';

/** A webhook that is measured, and what is known of it before the load. */
export interface Subject {
  readonly target: Target;
  /** Undefined for one that somebody else has started. */
  readonly started: StartTimes | undefined;
  readonly idle: MemoryUse | undefined;
  readonly checked: Checked;
}

/** Tells what is being done, to the person who waits. */
export type Progress = (text: string) => void;

/** Looks at what a webhook uses before any load and at its answers, and lets it get warm. */
export async function prepare(
  target: Target,
  started: StartTimes | undefined,
  reviews: readonly Review[],
  progress: Progress,
): Promise<Subject> {
  const idle = processUsage.memory(target.pid);
  progress(`${target.name}: checking its answers, then warming it up`);
  const checked = await checkWebhook(target, reviews);
  await warmUp(target, reviews);
  return { target, started, idle, checked };
}

/** Round by round and scenario by scenario, one webhook after the other, so that what else the machine does meets all. */
export async function measure(
  subjects: readonly Subject[],
  scenarios: readonly Scenario[],
  rounds: number,
  progress: Progress,
): Promise<readonly WebhookResult[]> {
  const loads = subjects.map(() => scenarios.map((): Load[] => []));
  for (let round = 0; round < rounds; round += 1) {
    for (const [row, scenario] of scenarios.entries()) {
      for (const [column, { target, checked }] of subjects.entries()) {
        const load = await scenario.measure(target, checked, round);
        loads[column]?.[row]?.push(load);
        progress(`round ${round + 1} of ${rounds}, ${describe(scenario)}, ${target.name}: ${summary(load)}`);
      }
    }
  }
  return subjects.map((subject, column) => resultOf(subject, scenarios, loads[column] ?? []));
}

function describe({ kind, name }: Scenario): string {
  return kind === 'saturated' ? `${name} saturated` : `open loop at ${name}`;
}

function summary({ reviewsPerSecond, latencyMs, failures }: Load): string {
  const failed = countFailures(failures);
  return `${Math.round(reviewsPerSecond)} reviews/s, p99 ${latencyMs.p99.toFixed(2)} ms, ${failed} failed`;
}

function resultOf(
  { target, started, idle, checked }: Subject,
  scenarios: readonly Scenario[],
  loads: readonly (readonly Load[])[],
): WebhookResult {
  const measured = scenarios.map(({ kind, name }, row) => {
    const rounds = loads[row] ?? [];
    return { kind, name, median: medianLoad(rounds), rounds };
  });
  return {
    name: target.name,
    started,
    tlsVersion: checked.tlsVersion,
    idle,
    underLoad: mostMemory(measured.filter(({ kind }) => kind === 'saturated').flatMap(({ rounds }) => rounds)),
    afterLoad: processUsage.memory(target.pid),
    scenarios: measured,
  };
}
