import type { Log } from '../../util/log.ts';
import type { ServingCertificate } from '../certificate-source.ts';
import { checkCertificate } from '../check-certificate.ts';
import type { Authority } from './authority.ts';
import type { CertificateIssuer } from './certificate-issuer.ts';
import { findLeafDue, renewalTime, type Leaf, type LeafDue } from './due-leaf.ts';
import { leafValidity } from './validity.ts';

export interface ServingLeafParts {
  readonly issuer: CertificateIssuer;
  /** DNS names by which API servers call us. */
  readonly names: readonly string[];
  readonly durationMs: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** From 0 to below 1. */
  readonly random: () => number;
  readonly log: Log;
}

/** The certificate of this replica: never stored, signed anew whenever that is due. */
export class ServingLeaf {
  readonly #parts: ServingLeafParts;
  readonly #listeners = new Set<(certificate: ServingCertificate) => void>();
  #leaf: Leaf | undefined;

  constructor(parts: ServingLeafParts) {
    this.#parts = parts;
  }

  get current(): Leaf | undefined {
    return this.#leaf;
  }

  subscribe(listener: (certificate: ServingCertificate) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Signs a new leaf if one is due, and tells the listeners. */
  async renew(authority: Authority, settled: ReadonlySet<string>): Promise<void> {
    const { durationMs, now } = this.#parts;
    const reason = findLeafDue({ leaf: this.#leaf, current: authority, settled, durationMs, nowMs: now() });
    if (reason !== 'none') await this.#sign(authority, reason);
  }

  async #sign(authority: Authority, reason: LeafDue): Promise<void> {
    const { issuer, names, durationMs, now, random, log } = this.#parts;
    const nowMs = now();
    const validity = leafValidity(nowMs, durationMs, authority);
    const { certificate, key } = await issuer.issueLeaf(authority, names, validity);
    const path = 'self-managed certificate';
    const check = checkCertificate({ certificate: { path, text: certificate }, key: { path, text: key } }, nowMs);
    if (check.kind === 'problem') throw new TypeError(check.detail);
    const renewAtMs = renewalTime(validity, nowMs, random());
    this.#leaf = { serving: check.certificate, validity, issuer: authority, renewAtMs };
    log.info('Serving certificate issued.', {
      reason,
      fingerprint: check.certificate.fingerprint,
      authority: authority.fingerprint,
      notAfter: new Date(check.certificate.notAfterMs).toISOString(),
    });
    for (const listener of this.#listeners) listener(check.certificate);
  }
}
