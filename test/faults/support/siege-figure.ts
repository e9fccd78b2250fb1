import { lossesIn, type SiegeReport } from '../../hostile/support/siege.ts';
import { figureOf, type Figure } from './fault.ts';
import { allowance } from './lab.ts';

/** The webhook has one core, all its clients share another. */
const othersP99Ms = 100;

/** As a kubelet waits for a probe. */
export function probeTimeoutMs(): number {
  return 1_000 * allowance();
}

export interface NamedSiege {
  readonly name: string;
  readonly report: SiegeReport;
  /** How long pods wait for live reads, whatever others do. */
  readonly readsMs?: number;
}

/** The figure of several attacks together: the pods of others, their times, and the memory. */
export function figureOfSieges(sieges: readonly NamedSiege[], misses: readonly (string | false)[] = []): Figure {
  const counted = sieges.flatMap(({ report: { others } }) => [others.pods, others.created]);
  const total = (of: 'sent' | 'failed' | 'unmutated'): number => counted.reduce((sum, pods) => sum + pods[of], 0);
  const most = (of: (report: SiegeReport) => number): number => Math.max(...sieges.map(({ report }) => of(report)));
  const detail =
    `${sieges.length} attacks; p99 of others ${most(({ others }) => others.pods.p99Ms).toFixed(0)} ms at most, ` +
    `${most(({ heldMebibytes }) => heldMebibytes).toFixed(0)} MiB held at most`;
  const sent = { sent: total('sent'), failed: total('failed'), unmutated: total('unmutated') };
  return figureOf(sent, detail, [...sieges.flatMap(missesIn), ...misses]);
}

function missesIn({ name, report, readsMs = 0 }: NamedSiege): readonly (string | false)[] {
  const { p99Ms } = report.others.pods;
  return [
    ...lossesIn(report).map(loss => `${name}: ${loss}`),
    p99Ms > (othersP99Ms + readsMs) * allowance() && `${name}: p99 of others ${p99Ms.toFixed(0)} ms`,
  ];
}
