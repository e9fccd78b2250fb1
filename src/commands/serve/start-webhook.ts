import { delay } from '../../util/waiting.ts';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createReviewer } from '../../admission/reviewer.ts';
import type { CertificateSource } from '../../certificates/certificate-source.ts';
import { listedKubeconfigs } from '../../cluster/open-cluster.ts';
import type { Environment } from '../../configuration/environment.ts';
import type { ServeSettings } from '../../configuration/serve-settings.ts';
import type { KubernetesSettings } from '../../configuration/source-settings.ts';
import type { Connection } from '../../kubernetes/connection.ts';
import { openConnection } from '../../kubernetes/open-connection.ts';
import { createDecisionLog, createReviewRecorder } from '../../observability/decision-log.ts';
import type { Logger } from '../../observability/logger.ts';
import { admissionLimits, operationsLimits } from '../../server/limits.ts';
import { startServing, type Serving } from '../../server/serve.ts';
import type { IdentitySources } from '../../sources/identity-sources.ts';
import { createCertificates } from './create-certificates.ts';
import { createIdentitySources, type Observability } from './create-identity-sources.ts';
import { createGarbageCollector, createHeapCheck, type GarbageCollector } from './garbage-collector.ts';
import type { IdentityDefaults } from '../../identity/defaults.ts';
import type { DebuggingHandlers } from '../../server/operations-app.ts';
import type { Log } from '../../util/log.ts';

/** The webhook, listening. */
export interface Webhook {
  /** Serves until the signal, drains, and ends everything that follows something. */
  run(signal: AbortSignal): Promise<void>;
}

/** Composes the webhook from its settings and opens its listeners. Rejects when it cannot serve at all. */
export async function startWebhook(
  settings: ServeSettings,
  environment: Environment,
  observability: Observability,
): Promise<Webhook> {
  const connection = await openApiServer(settings.kubernetes, environment, observability.log);
  const sources = await createIdentitySources(settings, connection, observability);
  const certificates = await createCertificates(settings, connection, observability);
  const collector = createGarbageCollector();
  const serving = await listen(settings, { sources, certificates, collector }, observability);
  observability.metrics.observeSources(sources, performance.timeOrigin);
  return {
    async run(signal) {
      const followers = new AbortController();
      // What follows something goes on while the listeners drain: reviews are still answered then.
      const isStarted = (): boolean => sources.synced() && certificates.health().kind !== 'unhealthy';
      const following = Promise.all([
        sources.run(followers.signal),
        certificates.run(followers.signal),
        tidyAfterStart(isStarted, collector, followers.signal),
      ]);
      await serving.run(signal);
      followers.abort();
      await following;
    },
  };
}

/** Opens the connection to the API server that flags and environment say. Nothing is sent yet. Rejects with one clear line. */
async function openApiServer(settings: KubernetesSettings, environment: Environment, log: Log): Promise<Connection> {
  const { apiUrl, credentialsPath } = settings;
  const connection = await openConnection({
    kubeconfigPaths: kubeconfigPaths(settings, environment),
    kubeApi: apiUrl ?? '',
    serviceHost: environment['KUBERNETES_SERVICE_HOST'],
    servicePort: environment['KUBERNETES_SERVICE_PORT'],
    tokenPath: join(credentialsPath, 'token'),
    caPath: join(credentialsPath, 'ca.crt'),
    now: () => performance.now(),
  });
  log.info('Using the API server.', { server: connection.server.href });
  return connection;
}

/** The file of `--kubeconfig`, or those of KUBECONFIG, which may be a list; a pod has neither. */
function kubeconfigPaths({ kubeconfig }: KubernetesSettings, environment: Environment): readonly string[] {
  if (kubeconfig === undefined) return [];
  return kubeconfig === environment['KUBECONFIG'] ? listedKubeconfigs(environment) : [kubeconfig];
}

interface Parts {
  readonly sources: IdentitySources;
  readonly certificates: CertificateSource;
  readonly collector: GarbageCollector;
}

async function listen(
  { serving, injection, identity, tls }: ServeSettings,
  { sources, certificates, collector }: Parts,
  { log, metrics }: Observability,
): Promise<Serving> {
  const now = (): number => performance.now();
  const { faultResponse, drainMs, shutdownTimeoutMs } = serving;
  const reviewer = createReviewer({ identities: sources, injection, faultResponse, random: Math.random });
  const reviews = createReviewRecorder(metrics, createDecisionLog({ log, now }));
  const checks = [
    { name: 'certificate', health: () => certificates.health() },
    { name: 'identities', health: () => sources.health() },
  ];
  const limits = admissionLimits(serving, await readOpenFileLimit());
  if (limits.connections < serving.maxConnections) warnOfFewFiles(limits.connections, log);
  const common = { requests: metrics, now };
  return startServing({
    admission: {
      ...common,
      ...{ reviewer, reviews, limits, beforeLargeReview: createHeapCheck(collector) },
      ...{ address: serving.address, port: serving.port, portFlag: '--port' },
    },
    operations: {
      ...common,
      ...{ checks, limits: operationsLimits, scrape: () => metrics.scrape() },
      debugging: serving.debuggingHandlers ? createDebuggingHandlers(sources, identity) : undefined,
      ...{ address: serving.metricsAddress, port: serving.metricsPort, portFlag: '--metrics-port' },
    },
    ...{ certificates, tls, drainMs, shutdownTimeoutMs, log },
  });
}

/** Reads how many files this process may have open; no limit where the system has none. Node.js has raised it as far as it may. */
export async function readOpenFileLimit(path = '/proc/self/limits'): Promise<number> {
  const limits = await readFile(path, 'utf8').catch(() => '');
  const soft = /^Max open files\s+(\d+)/m.exec(limits)?.[1];
  return soft === undefined ? Number.POSITIVE_INFINITY : Number(soft);
}

function warnOfFewFiles(connections: number, log: Logger): void {
  const detail = 'the limit of open files (ulimit -n) leaves room for fewer connections than --max-connections';
  log.warn('Connections are limited by the open files.', { connections, detail });
}

type SettingDefaults = Pick<IdentityDefaults, 'audience' | 'regionalSts' | 'expirationSeconds'>;

/**
 * What `--enable-debugging-handlers` shows: the annotated ServiceAccounts in the AWS webhook's form. Clearing reads them
 * again and does not forget them: an empty cache would leave pods without identity there (E176).
 */
function createDebuggingHandlers(sources: IdentitySources, defaults: SettingDefaults): DebuggingHandlers {
  return {
    dumpCache: () => dump(sources, defaults),
    clearCache: () => sources.relist(),
  };
}

function dump(sources: IdentitySources, defaults: SettingDefaults): unknown {
  const accounts = [...sources.annotatedAccounts()].map(([key, facts]) => [
    key,
    {
      RoleARN: facts.roleArn,
      Audience: facts.audience ?? defaults.audience,
      UseRegionalSTS: facts.regionalSts ?? defaults.regionalSts,
      TokenExpiration: facts.expirationSeconds ?? defaults.expirationSeconds,
    },
  ]);
  return Object.fromEntries(accounts);
}

/** Short against the time of a start, and nothing against the hours after it. */
const pollMs = 100;

/**
 * Waits until the start is over, then collects what it left: modules, and lists of the API server, make 10 MiB of garbage
 * that nothing else would collect for as long as few pods are created. Takes some 20 ms once.
 */
async function tidyAfterStart(
  isStarted: () => boolean,
  { shrink }: Pick<GarbageCollector, 'shrink'>,
  signal: AbortSignal,
): Promise<void> {
  while (!isStarted()) {
    await delay(pollMs, signal);
    if (signal.aborted) return;
  }
  shrink();
}
