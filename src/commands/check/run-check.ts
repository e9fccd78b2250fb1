import { createCheckContext, type CheckGroup } from '../../checks/check.ts';
import { delay } from '../../util/waiting.ts';
import { readFile } from 'node:fs/promises';
import { parseGoDuration } from '../../go/duration.ts';
import { installationChecks, preInstallationChecks, runChecks, type CheckResult } from '../../checks/run-checks.ts';
import { KubernetesError } from '../../kubernetes/kubernetes-error.ts';
import { createProgress } from '../../terminal/progress.ts';
import { createStyle } from '../../terminal/style.ts';
import { errorText } from '../../util/error-text.ts';
import { exitCodes, version, type CommandIo, type ExitCode } from '../command-io.ts';
import { clusterAccess } from '../common/cluster-command.ts';
import { CommandFailure, usageFailure } from '../common/command-failure.ts';
import { openCluster } from '../../cluster/open-cluster.ts';
import { isMissingNamespace, type ClusterReader } from '../../cluster/reader.ts';
import type { CheckOptions } from './check-command.ts';
import { formatResults } from './format-results.ts';
import { quote } from '../../util/text.ts';

/** Between two rounds; each asks the API server some thirty questions. */
const pauseMs = 2_000;

/** Runs the checks, again until all is well where the caller wants to wait, and writes the results. */
export async function runCheck(options: CheckOptions, io: CommandIo): Promise<ExitCode> {
  const waitMs = readWait(options.wait);
  const ask = await createRound(options, io);
  const results = await repeat(ask, { waitMs, isWell: found => isWell(found, options.failOn), io });
  const style = createStyle(options.color, io.stdout, io.environment);
  io.stdout.write(formatResults(results, { format: options.output, style, environment: io.environment }));
  if (!isWell(results, options.failOn)) return exitCodes.findings;
  requireSight(results);
  return exitCodes.done;
}

/** What these are about, everybody may read: they say nothing of the webhook. */
const publicGroups: ReadonlySet<CheckGroup> = new Set(['Kubernetes API', 'Token issuer']);

/** Throws CommandFailure where every check of the webhook was skipped: that is no success (E222). */
function requireSight(results: readonly CheckResult[]): void {
  const ofWebhook = results.filter(({ check }) => !publicGroups.has(check.group));
  if (ofWebhook.some(({ outcome }) => outcome.status !== 'skipped')) return;
  const rights = ofWebhook.flatMap(({ outcome: { detail } }) =>
    detail.startsWith(needs) ? detail.slice(needs.length) : [],
  );
  throw new CommandFailure(`nothing of the webhook may be seen: needs ${[...new Set(rights)].join(', ')}`);
}

/** So begins why a check was skipped whose right is missing. */
const needs = 'needs ';

function readWait(text: string | undefined): number {
  if (text === undefined) return 0;
  const waitMs = parseGoDuration(text);
  if (waitMs !== undefined && waitMs >= 0) return waitMs;
  throw usageFailure(`--wait: expected a duration such as 60s or 5m, found ${quote(text)}`);
}

type Round = () => Promise<readonly CheckResult[]>;

async function createRound(options: CheckOptions, { environment }: CommandIo): Promise<Round> {
  const cluster = await openCluster(clusterAccess(options), environment);
  const issuerCa = options.issuerCa === undefined ? undefined : await readCa(options.issuerCa);
  const checks = options.pre === true ? preInstallationChecks : installationChecks;
  return async () => {
    if (options.pre === undefined && options.namespace !== undefined)
      await requireNamespace(cluster, options.namespace);
    const context = { cluster, version, nowMs: () => Date.now(), namespace: options.namespace, issuerCa, environment };
    return runChecks(checks, createCheckContext(context));
  };
}

async function requireNamespace(cluster: ClusterReader, namespace: string): Promise<void> {
  if (await isMissingNamespace(cluster, namespace)) {
    throw new CommandFailure(`namespace ${quote(namespace)} does not exist`);
  }
}

async function readCa(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new CommandFailure(`--issuer-ca: expected a PEM file: ${errorText(error)}`, { cause: error });
  }
}

interface Patience {
  readonly waitMs: number;
  readonly isWell: (results: readonly CheckResult[]) => boolean;
  readonly io: CommandIo;
}

/** While there is time, a cluster that cannot be asked is asked again too. */
async function repeat(ask: Round, { waitMs, isWell, io }: Patience): Promise<readonly CheckResult[]> {
  using progress = createProgress({ stream: io.stderr, now: () => performance.now() });
  const endMs = performance.now() + waitMs;
  for (;;) {
    const isLast = performance.now() + pauseMs > endMs;
    const results = await ask().catch((error: unknown) => {
      if (isLast || !(error instanceof KubernetesError)) throw error;
      return error;
    });
    if (!(results instanceof KubernetesError) && (isLast || isWell(results))) return results;
    progress.update(waitingText(results, endMs - performance.now()));
    await delay(pauseMs, new AbortController().signal);
  }
}

function waitingText(results: readonly CheckResult[] | KubernetesError, leftMs: number): string {
  const seconds = Math.max(0, Math.round(leftMs / 1_000));
  if (results instanceof KubernetesError) return `waiting for the API server, ${seconds} s more`;
  const bad = results.filter(({ outcome }) => outcome.status === 'failed' || outcome.status === 'warning');
  return `waiting for ${bad.map(({ check }) => check.code).join(', ')}, ${seconds} s more`;
}

function isWell(results: readonly CheckResult[], failOn: CheckOptions['failOn']): boolean {
  return !results.some(
    ({ outcome: { status } }) => status === 'failed' || (failOn === 'warning' && status === 'warning'),
  );
}
