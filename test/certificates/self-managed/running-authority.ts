import type { CertificateSource } from '../../../src/certificates/certificate-source.ts';
import {
  createSelfManagedCertificates,
  type SelfManagedOptions,
} from '../../../src/certificates/self-managed/create-self-managed-certificates.ts';
import { KubernetesClient } from '../../../src/kubernetes/client.ts';
import type { Connection } from '../../../src/kubernetes/connection.ts';
import { defaultReflectorSettings } from '../../../src/kubernetes/watch-state.ts';
import type { Log, LogFields } from '../../../src/util/log.ts';

export const namespace = 'authority-test';
export const secretName = 'irsa-webhook-ca';
export const serviceName = 'irsa-webhook';
export const dnsName: string = `${serviceName}.${namespace}.svc`;

export interface AuthorityLine {
  readonly level: string;
  readonly message: string;
  readonly fields: LogFields;
}

/** What one replica has said and measured. */
export class AuthorityRecorder implements Log {
  readonly lines: AuthorityLine[] = [];
  readonly inSync: boolean[] = [];
  readonly servingEnds: number[] = [];
  readonly authorityEnds: number[] = [];

  debug(message: string, fields: LogFields = {}): void {
    this.lines.push({ level: 'debug', message, fields });
  }
  info(message: string, fields: LogFields = {}): void {
    this.lines.push({ level: 'info', message, fields });
  }
  warn(message: string, fields: LogFields = {}): void {
    this.lines.push({ level: 'warn', message, fields });
  }
  error(message: string, fields: LogFields = {}): void {
    this.lines.push({ level: 'error', message, fields });
  }
  certificateInUse(notAfterMs: number): void {
    this.servingEnds.push(notAfterMs);
  }
  authorityInUse(notAfterMs: number): void {
    this.authorityEnds.push(notAfterMs);
  }
  bundleInSync(isInSync: boolean): void {
    this.inSync.push(isInSync);
  }
  watchRestarted(): void {}

  /** The steps that this replica has taken, in order, as `kind: reason`. */
  steps(): readonly string[] {
    return this.lines
      .filter(({ message }) => message === 'Certificate authority changed.')
      .map(({ fields }) => `${fields['step']}: ${fields['reason']}`);
  }

  /** Why leaves were signed, in order. */
  leaves(): readonly unknown[] {
    return this.lines
      .filter(({ message }) => message === 'Serving certificate issued.')
      .map(({ fields }) => fields['reason']);
  }
}

export interface CreatedAuthority {
  readonly source: CertificateSource;
  readonly recorder: AuthorityRecorder;
}

export interface RunningAuthority extends CreatedAuthority, AsyncDisposable {
  stop(): Promise<void>;
}

export type AuthorityOverrides = Partial<Omit<SelfManagedOptions, 'client'>> & {
  readonly webhookConfigurationName: string;
};

/** One replica's source for an API server, with the product's settings but for those given; it does not run yet. */
export async function createAuthority(
  connection: Connection,
  overrides: AuthorityOverrides,
): Promise<CreatedAuthority> {
  const recorder = new AuthorityRecorder();
  const monotonicNow = (): number => performance.now();
  const source = await createSelfManagedCertificates({
    client: new KubernetesClient(connection, { requestFinished: () => undefined }, monotonicNow),
    ...{ namespace, secretName, serviceName, names: [dnsName] },
    authorityDurationMs: 365 * 24 * 3_600_000,
    leafDurationMs: 7 * 24 * 3_600_000,
    settleMs: 60_000,
    pollMs: 10_000,
    reflector: defaultReflectorSettings,
    now: Date.now,
    monotonicNow,
    random: Math.random,
    observer: recorder,
    log: recorder,
    ...overrides,
  });
  return { source, recorder };
}

/** The same, running. */
export async function startAuthority(connection: Connection, overrides: AuthorityOverrides): Promise<RunningAuthority> {
  const { source, recorder } = await createAuthority(connection, overrides);
  const end = new AbortController();
  const ended = source.run(end.signal);
  const stop = (): Promise<void> => {
    end.abort();
    return ended;
  };
  return { source, recorder, stop, [Symbol.asyncDispose]: stop };
}
