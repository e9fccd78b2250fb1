import { createCertificateFiles } from '../../certificates/certificate-files.ts';
import type { CertificateSource } from '../../certificates/certificate-source.ts';
import { createSelfManagedCertificates } from '../../certificates/self-managed/create-self-managed-certificates.ts';
import type { ServeSettings } from '../../configuration/serve-settings.ts';
import type { CertificateSettings } from '../../configuration/tls-settings.ts';
import { KubernetesClient, type RequestObserver } from '../../kubernetes/client.ts';
import type { Connection } from '../../kubernetes/connection.ts';
import { reflectorSettings, type Observability } from './create-identity-sources.ts';

/** How long after a noticed change files are read, so that who writes them can finish. */
const settleMs = 50;

/** Two small objects are read this often, besides being watched: a change that a watch missed costs this long. */
const pollMs = 10_000;

type SelfManaged = Extract<CertificateSettings, { kind: 'self-managed' }>;

/** Creates the source of the serving certificate, which starts with `run`. */
export async function createCertificates(
  settings: ServeSettings,
  connection: Connection,
  observability: Observability,
): Promise<CertificateSource> {
  const { certificates } = settings.tls;
  if (certificates.kind === 'self-managed') {
    return createSelfManaged(certificates, settings, connection, observability);
  }
  const { log, metrics } = observability;
  const { reloadIntervalMs, ...paths } = certificates;
  return createCertificateFiles({
    ...paths,
    pollMs: reloadIntervalMs,
    settleMs,
    now: Date.now,
    log,
    observer: metrics,
  });
}

function createSelfManaged(
  certificates: SelfManaged,
  { kubernetes, sources }: ServeSettings,
  connection: Connection,
  { log, metrics }: Observability,
): Promise<CertificateSource> {
  const { serviceName, clusterDomain, certificateDurationMs, ...rest } = certificates;
  const { namespace } = kubernetes;
  const monotonicNow = (): number => performance.now();
  const clock = followServerClock(metrics);
  return createSelfManagedCertificates({
    ...rest,
    client: new KubernetesClient(connection, clock.observer, monotonicNow),
    ...{ namespace, serviceName, log, monotonicNow, pollMs },
    names: serviceNames(serviceName, namespace, clusterDomain),
    leafDurationMs: certificateDurationMs,
    reflector: reflectorSettings(sources),
    now: clock.now,
    random: Math.random,
    observer: metrics,
  });
}

/** All names under which a Service is found. API servers use the third. */
function serviceNames(service: string, namespace: string, clusterDomain: string): readonly string[] {
  const base = `${service}.${namespace}`;
  return [service, base, `${base}.svc`, `${base}.svc.${clusterDomain}`];
}

/**
 * The clock of the API server, as its answers tell it: it is the one that checks the certificates, so its time is what counts
 * when ours is wrong.
 */
function followServerClock(metrics: RequestObserver): { observer: RequestObserver; now: () => number } {
  let aheadMs = 0;
  return {
    observer: {
      requestFinished(request) {
        metrics.requestFinished(request);
        if (request.serverDateMs !== undefined) aheadMs = request.serverDateMs - Date.now();
      },
    },
    now: () => Date.now() + aheadMs,
  };
}
