import { setTimeout as delay } from 'node:timers/promises';
import { followHeldBytes, type MemoryGroup, type MostHeld } from '../../support/memory-group.ts';
import type { WebhookProcess } from '../../support/webhook-process.ts';
import { describeAttack, type AttackReport } from '../attacks/attack.ts';
import type { BystanderResult, Counted } from './bystander-program.ts';
import type { ClientProcess } from './client-process.ts';
import { heldByProcess, resetPeak } from './resident.ts';

const mebibyte = 1_048_576;
/** What may be held of the 256 MiB of the chart's container, without page cache, in MiB. */
export const maxHeldMebibytes = 220;

export interface SiegeOptions {
  /** For a person. */
  readonly name: string;
  readonly webhook: WebhookProcess;
  /** Undefined where none can be made: then the process itself is looked at. */
  readonly group: MemoryGroup | undefined;
  /** Those who are to be served meanwhile. */
  readonly startOthers: () => Promise<ClientProcess<BystanderResult>>;
  /** Attacks until its time is over, or until the signal, which says that the webhook has ended. */
  readonly attack: (signal: AbortSignal) => Promise<AttackReport>;
}

/** What became of the webhook and of its other clients in an attack. */
export interface SiegeReport {
  readonly attack: AttackReport;
  readonly others: BystanderResult;
  /** The most that was held at a time, in MiB. */
  readonly heldMebibytes: number;
  /** The most that buffers of sockets took at a time, which is part of that in version 2 only, in MiB. */
  readonly socketMebibytes: number;
  /** Processes that the kernel ended for their memory. */
  readonly kills: number;
  readonly isRunning: boolean;
  readonly isReady: boolean;
  /** Lines of the log of level error. */
  readonly errors: number;
  /** What the webhook counted as refused, by reason. */
  readonly refused: ReadonlyMap<string, number>;
}

/** Attacks, measures what the others get meanwhile, and prints it in one line. */
export async function besiege({ name, webhook, group, startOthers, attack }: SiegeOptions): Promise<SiegeReport> {
  const others = await startOthers();
  const held = followHeld(webhook, group);
  const ended = new AbortController();
  void webhook.exited.then(() => ended.abort());
  const attackReport = await attack(ended.signal);
  const othersResult = await others.stop();
  const { heldBytes, socketBytes } = held.stop();
  const report: SiegeReport = {
    attack: attackReport,
    others: othersResult,
    heldMebibytes: heldBytes / mebibyte,
    socketMebibytes: socketBytes / mebibyte,
    kills: (await group?.kills()) ?? 0,
    isRunning: webhook.isRunning(),
    isReady: await isReady(webhook),
    errors: webhook.log().filter(line => line.level === 'error').length,
    refused: await refusals(webhook),
  };
  console.log(`hostile: ${name}: ${describeSiege(report)}`);
  return report;
}

/** In what the webhook did not withstand; empty when it did. */
export function lossesIn(report: SiegeReport): readonly string[] {
  const { attack, others, heldMebibytes, kills, errors } = report;
  const losses = [
    !report.isRunning && 'the process ended',
    kills > 0 && `${kills} killed for its memory`,
    report.isRunning && !report.isReady && 'not ready afterwards',
    others.pods.sent === 0 && 'no pod was created meanwhile',
    others.pods.failed > 0 && `${others.pods.failed} pods refused or lost: ${others.pods.causes}`,
    others.pods.unmutated > 0 && `${others.pods.unmutated} pods without identity`,
    others.created.failed > 0 && `${others.created.failed} pods not created: ${others.created.causes}`,
    others.created.unmutated > 0 && `${others.created.unmutated} pods created without identity`,
    others.probes.failed > 0 && `${others.probes.failed} probes lost: ${others.probes.causes}`,
    heldMebibytes > maxHeldMebibytes && `${heldMebibytes.toFixed(0)} MiB held, more than ${maxHeldMebibytes}`,
    errors > 0 && `${errors} errors in the log`,
    ...attack.wrong,
  ];
  return losses.filter(loss => loss !== false);
}

function describeSiege({ attack, others, heldMebibytes, socketMebibytes, refused }: SiegeReport): string {
  const refusals = [...refused].filter(([, count]) => count > 0).map(([reason, count]) => `${count} ${reason}`);
  return [
    `${heldMebibytes.toFixed(0)} MiB held`,
    `${socketMebibytes.toFixed(0)} MiB in sockets`,
    `pods: ${describeCounted(others.pods)}`,
    others.created.sent > 0 && `pods by the API server: ${describeCounted(others.created)}`,
    `probes: ${describeCounted(others.probes)}`,
    `attackers: ${describeAttack(attack)}`,
    `refused: ${refusals.join(', ') || 'none'}`,
  ]
    .filter(part => part !== false)
    .join('; ');
}

function describeCounted({ sent, failed, unmutated, causes, p50Ms, p99Ms, mostMs }: Counted): string {
  const times = [p50Ms, p99Ms, mostMs].map(ms => ms.toFixed(0)).join(', ');
  return `${sent} sent, ${failed} failed, ${unmutated} unmutated, ${times} ms (p50, p99, most)${causes && `: ${causes}`}`;
}

/** Follows what is held from now on, by the group or else by the process. */
export function followHeld({ pid }: WebhookProcess, group: MemoryGroup | undefined): { stop(): MostHeld } {
  if (group !== undefined) return followHeldBytes(group);
  resetPeak(pid);
  return { stop: () => ({ heldBytes: heldByProcess(pid), socketBytes: 0 }) };
}

async function isReady(webhook: WebhookProcess): Promise<boolean> {
  if (!webhook.isRunning()) return false;
  return (await webhook.ask('/readyz')).status === 200;
}

/** What the webhook counted as refused, by reason. */
export async function refusals(webhook: WebhookProcess): Promise<ReadonlyMap<string, number>> {
  if (!webhook.isRunning()) return new Map();
  const { body } = await webhook.ask('/metrics');
  const series = body.matchAll(/^irsa_webhook_refused_total\{reason="(\w+)"\} (\d+)$/gm);
  return new Map(Array.from(series, ([, reason = '', count]) => [reason, Number(count)]));
}

/** Does nothing for that long, or until the signal. */
export async function untilOver(seconds: number, signal: AbortSignal): Promise<void> {
  await delay(seconds * 1_000, undefined, { signal }).catch(() => undefined);
}
