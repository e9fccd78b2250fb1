import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { expect } from 'vitest';
import { reviewOf } from '../../admission/support.ts';
import { startProgram } from '../../integration/program/program-on-fake-api.ts';
import { imageEnvironment } from '../../support/image-start.ts';
import type { WebhookProcess } from '../../support/webhook-process.ts';
import type { BystanderData, BystanderResult } from './bystander-program.ts';

/** What the process may have in memory at any moment, in MiB: the limit of the chart's container. */
const maxResident = 256;

/** What Node.js takes for its heap in the 256 MiB of the chart's container. */
const heapOption = '--max-old-space-size=128';

/** The built program under attack, with the defaults of its flags, beside an API server that goes on with its reviews. */
export interface Victim extends AsyncDisposable {
  readonly webhook: WebhookProcess;
  /** Attacks, and checks that nothing else was hurt by it: memory, the reviews of others, readiness, the log. */
  survives(attack: string, run: () => Promise<void>): Promise<void>;
}

export async function startVictim(flags: readonly string[] = []): Promise<Victim> {
  const program = await startProgram({ flags, environment: imageEnvironment(heapOption) });
  const { webhook } = program;
  return {
    webhook,
    async survives(attack, run) {
      resetPeak(webhook.pid);
      const others = await startBystander(webhook);
      await run();
      const result = await others.stop();
      const peak = peakResident(webhook.pid);
      console.log(`hostile: ${attack}: peak ${peak.toFixed(0)} MiB, ${describe(result)}`);
      expect(result.failures).toEqual([]);
      expect(result.sent).toBeGreaterThan(0);
      expect(peak).toBeLessThanOrEqual(maxResident);
      expect((await webhook.ask('/readyz')).status).toBe(200);
      expect(webhook.log().filter(line => line.level === 'error')).toEqual([]);
    },
    [Symbol.asyncDispose]: () => program[Symbol.asyncDispose](),
  };
}

/** The highest resident memory in MiB since the last reset, as the kernel counts it. */
function peakResident(pid: number): number {
  const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  if (kilobytes === undefined) throw new Error('expected VmHWM in the status of the process');
  return Number(kilobytes) / 1_024;
}

/** https://www.kernel.org/doc/html/latest/filesystems/proc.html: 5 resets the peak. */
function resetPeak(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, '5');
}

/** A thread of its own, so that its times say nothing about how busy the attacker is. */
async function startBystander(webhook: WebhookProcess): Promise<{ stop(): Promise<BystanderResult> }> {
  const workerData: BystanderData = { port: webhook.port, ca: webhook.caBundle, body: reviewOf(), intervalMs: 20 };
  const worker = new Worker(new URL('bystander-program.ts', import.meta.url), { workerData });
  await once(worker, 'message');
  return {
    async stop() {
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
      worker.postMessage('stop');
      const [result] = await once(worker, 'message');
      return result;
    },
  };
}

function describe({ sent, failures, latenciesMs }: BystanderResult): string {
  const at = (share: number): string => (latenciesMs[Math.ceil(share * latenciesMs.length) - 1] ?? 0).toFixed(0);
  return `others: ${sent} sent, ${failures.length} failed, p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, most ${at(1)} ms`;
}
