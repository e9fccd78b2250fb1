import { dirname } from 'node:path';
import { delay } from '../util/waiting.ts';
import { errorText } from '../util/error-text.ts';
import type { Log } from '../util/log.ts';
import type { CertificateHealth, CertificateSource, ServingCertificate } from './certificate-source.ts';
import { checkCertificate, type CertificatePair } from './check-certificate.ts';
import { watchFolders } from '../util/folder-watch.ts';
import { readFile } from 'node:fs/promises';

/** What the metrics want to know about the serving certificate. */
export interface CertificateObserver {
  /** The files were read, whatever came of it. */
  certificateRead(): void;
  /** The files could not be read, or hold no pair that can be served. */
  certificateReadFailed(): void;
  /** This certificate is served from now on, until `notAfterMs` (milliseconds since the epoch). */
  certificateInUse(notAfterMs: number): void;
}

export interface CertificateFilesOptions extends CertificatePaths {
  /** The files are read that often whether a change was noticed or not: watching alone misses some. */
  readonly pollMs: number;
  /** How long after a noticed change the files are read, so that the writer can finish the pair. */
  readonly settleMs: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly log: Log;
  readonly observer: CertificateObserver;
}

/** The serving certificate from two PEM files, followed for as long as it runs. */
export function createCertificateFiles(options: CertificateFilesOptions): CertificateSource {
  return new CertificateFiles(options);
}

interface Refusal {
  readonly code: string;
  readonly detail: string;
  readonly pair: CertificatePair | undefined;
}

class CertificateFiles implements CertificateSource {
  readonly #options: CertificateFilesOptions;
  readonly #listeners = new Set<(certificate: ServingCertificate) => void>();
  #served: { readonly pair: CertificatePair; readonly certificate: ServingCertificate } | undefined;
  #refusal: Refusal | undefined;
  #loggedExpiryOf: string | undefined;

  constructor(options: CertificateFilesOptions) {
    this.#options = options;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { certificatePath, keyPath, pollMs, settleMs } = this.#options;
    using folders = watchFolders([dirname(certificatePath), dirname(keyPath)]);
    while (!signal.aborted) {
      await this.#follow();
      await folders.changeWithin(pollMs, signal);
      await delay(settleMs, signal);
    }
  }

  current(): ServingCertificate | undefined {
    return this.#served?.certificate;
  }

  subscribe(listener: (certificate: ServingCertificate) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  health(): CertificateHealth {
    const certificate = this.current();
    if (certificate === undefined) {
      return { kind: 'unhealthy', detail: this.#refusal?.detail ?? 'the certificate files have not been read yet' };
    }
    if (!this.#isExpired(certificate)) return { kind: 'healthy' };
    const end = new Date(certificate.notAfterMs).toISOString();
    return { kind: 'unhealthy', detail: `the served certificate expired at ${end}${this.#reasonOfRefusal()}` };
  }

  #reasonOfRefusal(): string {
    return this.#refusal === undefined ? '' : `, and its successor cannot be used: ${this.#refusal.detail}`;
  }

  #isExpired(certificate: ServingCertificate): boolean {
    return this.#options.now() > certificate.notAfterMs;
  }

  async #follow(): Promise<void> {
    const pair = await this.#read();
    if (pair !== undefined) this.#take(pair);
    this.#logExpiry();
  }

  async #read(): Promise<CertificatePair | undefined> {
    this.#options.observer.certificateRead();
    try {
      return await readCertificatePair(this.#options);
    } catch (error) {
      // Node.js names the code, the system call and the path.
      this.#refuse({ code: 'files_unreadable', detail: errorText(error), pair: undefined });
      return undefined;
    }
  }

  #take(pair: CertificatePair): void {
    if (this.#served !== undefined && isSamePair(this.#served.pair, pair)) {
      this.#refusal = undefined;
      return;
    }
    // A pair that was refused is checked again each time: with time it may have become valid.
    const check = checkCertificate(pair, this.#options.now());
    if (check.kind === 'problem') this.#refuse({ code: check.code, detail: check.detail, pair });
    else this.#serve(pair, check.certificate);
  }

  #serve(pair: CertificatePair, certificate: ServingCertificate): void {
    this.#served = { pair, certificate };
    this.#refusal = undefined;
    this.#options.observer.certificateInUse(certificate.notAfterMs);
    this.#options.log.info('Serving certificate loaded.', {
      fingerprint: certificate.fingerprint,
      notAfter: new Date(certificate.notAfterMs).toISOString(),
    });
    for (const listener of this.#listeners) listener(certificate);
  }

  #refuse(refusal: Refusal): void {
    this.#options.observer.certificateReadFailed();
    const isKnown = isSameRefusal(this.#refusal, refusal);
    this.#refusal = refusal;
    if (isKnown) return;
    const fields = { problem: refusal.code, detail: refusal.detail };
    if (this.#served === undefined) this.#options.log.error('There is no certificate to serve with.', fields);
    else this.#options.log.warn('New certificate refused, the previous one stays in use.', fields);
  }

  #logExpiry(): void {
    const certificate = this.current();
    if (certificate === undefined || !this.#isExpired(certificate)) return;
    if (this.#loggedExpiryOf === certificate.fingerprint) return;
    this.#loggedExpiryOf = certificate.fingerprint;
    const notAfter = new Date(certificate.notAfterMs).toISOString();
    this.#options.log.error('The served certificate has expired.', { fingerprint: certificate.fingerprint, notAfter });
  }
}

/** Same content and same problem: logged once. */
function isSameRefusal(one: Refusal | undefined, other: Refusal): boolean {
  if (one === undefined || one.code !== other.code) return false;
  if (one.pair === undefined || other.pair === undefined) return one.detail === other.detail;
  return isSamePair(one.pair, other.pair);
}

// A writer that replaces both files needs milliseconds; more readings would only wait for one that never rests.
const maxReadings = 5;

interface CertificatePaths {
  readonly certificatePath: string;
  readonly keyPath: string;
}

/**
 * Reads both files until two readings in a row agree, so that a pair is never put together from before and after a
 * replacement (the kubelet swaps a whole folder, others rename or rewrite one file after the other). Rejects as
 * `readFile` does.
 */
async function readCertificatePair(paths: CertificatePaths): Promise<CertificatePair> {
  let pair = await readOnce(paths);
  for (let reading = 2; reading <= maxReadings; reading += 1) {
    const again = await readOnce(paths);
    if (isSamePair(pair, again)) return again;
    pair = again;
  }
  return pair;
}

/** Compares everything: a renewed intermediate with the same leaf and key is a change. */
function isSamePair(one: CertificatePair, other: CertificatePair): boolean {
  return one.certificate.text === other.certificate.text && one.key.text === other.key.text;
}

async function readOnce({ certificatePath, keyPath }: CertificatePaths): Promise<CertificatePair> {
  // One after the other: when both are missing, the same one is always told.
  const certificate = await readFile(certificatePath, 'utf8');
  const key = await readFile(keyPath, 'utf8');
  return { certificate: { path: certificatePath, text: certificate }, key: { path: keyPath, text: key } };
}
