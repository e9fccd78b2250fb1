import { cpus } from 'node:os';
import { countFailures, latencyOf, type Failures, type Load, type Target } from './load.ts';
import { processUsage } from './process-usage.ts';
import type { Samples } from './statistics.ts';

/** What was counted in the window. */
export interface Counted {
  /** Latencies of the right answers, in milliseconds. */
  readonly samples: Samples;
  readonly failures: Failures;
}

/** A stretch of time in which requests count, and over which the cost of the webhook is taken. */
export interface Window {
  /** Ends it. */
  close(counted: Counted): Load;
}

export function openWindow({ pid }: Target): Window {
  const startMs = performance.now();
  const webhookCpuMs = processUsage.cpuMs(pid);
  const clientCpu = process.cpuUsage();
  const machineMs = busyMs();
  return {
    close({ samples, failures }) {
      const elapsedMs = performance.now() - startMs;
      const { user, system } = process.cpuUsage(clientCpu);
      const clientMs = (user + system) / 1_000;
      const cpuMs = difference(processUsage.cpuMs(pid), webhookCpuMs);
      const othersMs = busyMs() - machineMs - clientMs - (cpuMs ?? 0);
      return {
        reviewsPerSecond: samples.size / (elapsedMs / 1_000),
        failures,
        cpuMicroseconds: cpuMs === undefined ? undefined : (cpuMs * 1_000) / (samples.size + countFailures(failures)),
        webhookCore: cpuMs === undefined ? undefined : cpuMs / elapsedMs,
        clientCore: clientMs / elapsedMs,
        othersCores: Math.max(othersMs / elapsedMs, 0),
        latencyMs: latencyOf(samples),
        memory: processUsage.memory(pid),
      };
    },
  };
}

function difference(to: number | undefined, from: number | undefined): number | undefined {
  return to === undefined || from === undefined ? undefined : to - from;
}

/** What all cores together have worked since the machine was started. */
function busyMs(): number {
  return cpus().reduce((sum, { times }) => sum + times.user + times.nice + times.sys + times.irq, 0);
}
