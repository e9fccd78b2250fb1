import { Writable } from 'node:stream';
import type { Reviewer } from '../../src/admission/answer.ts';
import type { CertificateSource, ServingCertificate } from '../../src/certificates/certificate-source.ts';
import { checkCertificate } from '../../src/certificates/check-certificate.ts';
import { createDecisionLog, createReviewRecorder } from '../../src/observability/decision-log.ts';
import { createLogger } from '../../src/observability/logger.ts';
import type { LogLevel } from '../../src/util/log.ts';
import { createLogWriter } from '../../src/observability/log-writer.ts';
import { createMetrics } from '../../src/observability/metrics.ts';
import { admissionLimits, operationsLimits, type ServerLimits } from '../../src/server/limits.ts';
import type { DebuggingHandlers, ReadinessCheck } from '../../src/server/operations-app.ts';
import { startServing } from '../../src/server/serve.ts';
import { reviewerWith } from '../admission/support.ts';
import {
  createCertificateAuthority,
  type CertificateAuthority,
  type IssuedCertificate,
} from '../support/certificates.ts';

const hosts = ['localhost', '127.0.0.1', '::1'];

/** A certificate source that a test sets. */
export class SettableCertificate implements CertificateSource {
  readonly #listeners = new Set<(certificate: ServingCertificate) => void>();
  #current: ServingCertificate | undefined;

  set(pair: IssuedCertificate): void {
    const check = checkCertificate(
      { certificate: { path: 'tls.crt', text: pair.certificate }, key: { path: 'tls.key', text: pair.key } },
      Date.now(),
    );
    if (check.kind === 'problem') throw new Error(check.detail);
    this.#current = check.certificate;
    for (const listener of this.#listeners) listener(check.certificate);
  }

  run(): Promise<void> {
    return Promise.resolve();
  }

  current(): ServingCertificate | undefined {
    return this.#current;
  }

  subscribe(listener: (certificate: ServingCertificate) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  health(): ReturnType<CertificateSource['health']> {
    return this.#current === undefined ? { kind: 'unhealthy', detail: 'none yet' } : { kind: 'healthy' };
  }
}

export interface RunningServerOptions {
  readonly reviewer?: Reviewer;
  readonly limits?: Partial<ServerLimits>;
  readonly minVersion?: 'TLSv1.2' | 'TLSv1.3';
  readonly ciphers?: string;
  readonly drainMs?: number;
  readonly shutdownTimeoutMs?: number;
  readonly checks?: readonly ReadinessCheck[];
  readonly debugging?: DebuggingHandlers;
  readonly level?: LogLevel;
  readonly address?: string;
  readonly port?: number;
  /** False: the server starts without a certificate. */
  readonly withCertificate?: boolean;
}

export interface RunningServer extends AsyncDisposable {
  readonly port: number;
  readonly operationsPort: number;
  readonly authority: CertificateAuthority;
  readonly certificates: SettableCertificate;
  issue(): IssuedCertificate;
  /** Everything logged up to now, parsed. */
  logLines(): Promise<readonly { readonly [field: string]: unknown }[]>;
  /** The value of one series, such as `name{label="value"}`, as it is scraped. */
  metric(series: string): Promise<number | undefined>;
  /** As SIGTERM does: resolves when the drain is over. */
  stop(): Promise<void>;
}

/** Both listeners with log and metrics, as `irsa serve` composes them, on free ports. */
export async function startServer(options: RunningServerOptions = {}): Promise<RunningServer> {
  const authority = createCertificateAuthority();
  const certificates = new SettableCertificate();
  const issue = (): IssuedCertificate => authority.issue({ hosts });
  if (options.withCertificate !== false) certificates.set(issue());
  const written: string[] = [];
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      written.push(chunk.toString());
      done();
    },
  });
  const metrics = createMetrics({ version: 'test', revision: 'test', nodeVersion: process.version, legacyNames: true });
  const writer = createLogWriter(sink, metrics.logLinesDropped);
  const log = createLogger({
    level: options.level ?? 'debug',
    format: 'json',
    writer,
    now: Date.now,
    onDropped: () => metrics.logLinesDropped(1),
  });
  const now = (): number => performance.now();
  const limits = admissionLimits(
    { maxBodyBytes: 8_388_608, maxBytesInFlight: 25_165_824, maxConnections: 512 },
    65_536,
  );
  const serving = await startServing({
    admission: {
      address: options.address,
      port: options.port ?? 0,
      portFlag: '--port',
      reviewer: options.reviewer ?? reviewerWith(),
      reviews: createReviewRecorder(metrics, createDecisionLog({ log, now })),
      requests: metrics,
      beforeLargeReview: () => undefined,
      limits: { ...limits, ...options.limits },
      now,
    },
    operations: {
      address: options.address,
      port: 0,
      portFlag: '--metrics-port',
      checks: options.checks ?? [{ name: 'certificate', health: () => certificates.health() }],
      scrape: metrics.scrape,
      debugging: options.debugging,
      requests: metrics,
      limits: operationsLimits,
      now,
    },
    certificates,
    tls: { minVersion: options.minVersion ?? 'TLSv1.2', ciphers: options.ciphers },
    drainMs: options.drainMs ?? 0,
    shutdownTimeoutMs: options.shutdownTimeoutMs ?? 1_000,
    log,
  });
  const end = new AbortController();
  const ended = serving.run(end.signal);
  const stop = (): Promise<void> => {
    end.abort();
    return ended;
  };
  return {
    port: serving.admissionAddress.port,
    operationsPort: serving.operationsAddress.port,
    authority,
    certificates,
    issue,
    async logLines() {
      await writer.flush(1_000);
      return written
        .join('')
        .split('\n')
        .filter(line => line !== '')
        .map(line => JSON.parse(line));
    },
    async metric(series) {
      const { body } = await metrics.scrape();
      const line = body.split('\n').find(line => line.startsWith(`${series} `));
      return line === undefined ? undefined : Number(line.slice(series.length + 1));
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
