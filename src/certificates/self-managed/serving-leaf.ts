import type { Log } from '../../util/log.ts';
import type { ServingCertificate } from '../certificate-source.ts';
import { checkCertificate } from '../check-certificate.ts';
import { leafValidity, lifeOf, type Authority, type Validity } from './authority.ts';
import type { CertificateIssuer } from './certificate-issuer.ts';

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

/** The certificate of this replica: never stored, signed again whenever that is due. */
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

/** The certificate that this replica serves with, and who signed it. */
export interface Leaf {
  readonly serving: ServingCertificate;
  readonly validity: Validity;
  readonly issuer: Authority;
  /** From when on it is renewed. Milliseconds since the epoch. */
  readonly renewAtMs: number;
}

/** Why a new leaf is due. Stable: the log uses these words. */
type LeafDue = 'none' | 'missing' | 'expired' | 'not_yet_valid' | 'issuer_replaced' | 'nearing_end';

export interface LeafSituation {
  readonly leaf: Leaf | undefined;
  /** Who would sign now. */
  readonly current: Authority;
  /** Fingerprints of what every API server can be expected to trust by now. */
  readonly settled: ReadonlySet<string>;
  readonly durationMs: number;
  /** Milliseconds since the epoch. */
  readonly nowMs: number;
}

/** Replicas that were started together do not renew together: each up to a twentieth of the life earlier. */
const jitter = 1 / 20;

/** Returns why this replica needs a new leaf; `none` when it does not. */
export function findLeafDue({ leaf, current, settled, durationMs, nowMs }: LeafSituation): LeafDue {
  // Nothing that an expired authority signs is of use.
  if (nowMs >= current.notAfterMs) return 'none';
  if (leaf === undefined) return 'missing';
  if (nowMs >= leaf.validity.notAfterMs) return 'expired';
  if (nowMs < leaf.validity.notBeforeMs) return 'not_yet_valid';
  if (leaf.issuer.fingerprint !== current.fingerprint) {
    // The old leaf goes on until every API server trusts the new authority.
    return settled.has(current.fingerprint) ? 'issuer_replaced' : 'none';
  }
  const isLonger = leafValidity(nowMs, durationMs, current).notAfterMs > leaf.validity.notAfterMs;
  return nowMs >= leaf.renewAtMs && isLonger ? 'nearing_end' : 'none';
}

/** When a leaf with these dates is renewed: when a third of its life is left, or a little earlier. `random` from 0 to 1. */
export function renewalTime(validity: Validity, nowMs: number, random: number): number {
  return lifeOf(validity).twoThirdsMs - (validity.notAfterMs - nowMs) * jitter * random;
}
