import type { ServingCertificate } from '../certificate-source.ts';
import type { Authority } from './authority.ts';
import type { Validity } from './certificate-issuer.ts';
import { leafValidity, lifeOf } from './validity.ts';

/** The certificate that this replica serves with, and who signed it. */
export interface Leaf {
  readonly serving: ServingCertificate;
  readonly validity: Validity;
  readonly issuer: Authority;
  /** From when on it is renewed. Milliseconds since the epoch. */
  readonly renewAtMs: number;
}

/** Why a new leaf is due. Stable: the log uses these words. */
export type LeafDue = 'none' | 'missing' | 'expired' | 'not_yet_valid' | 'issuer_replaced' | 'nearing_end';

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

/** Whether this replica needs a new leaf, and why. */
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
