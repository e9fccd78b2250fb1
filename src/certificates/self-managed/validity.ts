import type { Validity } from './certificate-issuer.ts';

/** Certificates are valid from one hour before they are made, for clients whose clock is late. */
export const backdateMs: number = 60 * 60 * 1_000;

/** When a certificate that we issued is renewed at the latest. */
export interface Life {
  /** When a third of the time is left. Milliseconds since the epoch. */
  readonly twoThirdsMs: number;
}

/** The dates of an authority that is made now. */
export function authorityValidity(nowMs: number, durationMs: number): Validity {
  return { notBeforeMs: nowMs - backdateMs, notAfterMs: nowMs + durationMs };
}

/** The dates of a leaf that is signed now: it cannot outlive the authority. */
export function leafValidity(nowMs: number, durationMs: number, authority: Validity): Validity {
  return { notBeforeMs: nowMs - backdateMs, notAfterMs: Math.min(nowMs + durationMs, authority.notAfterMs) };
}

/** The life of a certificate of ours, counted from when it was made. */
export function lifeOf({ notBeforeMs, notAfterMs }: Validity): Life {
  const issuedMs = notBeforeMs + backdateMs;
  return { twoThirdsMs: issuedMs + ((notAfterMs - issuedMs) * 2) / 3 };
}
