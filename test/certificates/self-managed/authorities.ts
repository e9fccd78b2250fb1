import {
  type Authority,
  type TrustedCertificate,
  type AuthorityState,
  type RetiringAuthority,
  backdateMs,
} from '../../../src/certificates/self-managed/authority.ts';

export const hourMs = 3_600_000;
export const dayMs: number = 24 * hourMs;
export const authorityDurationMs: number = 365 * dayMs;
export const leafDurationMs: number = 7 * dayMs;

/** When the authorities below were made, unless they say otherwise. */
export const madeMs: number = Date.parse('2026-11-24T00:00:00Z');
/** When two thirds of their life are over. */
export const nearingEndMs: number = madeMs + (authorityDurationMs * 2) / 3;
export const endMs: number = madeMs + authorityDurationMs;

/** An authority as decisions see it: of certificate and key they only look at the dates and the fingerprint. */
export function authority(name: string, issuedMs: number = madeMs): Authority {
  return {
    certificate: `certificate of ${name}`,
    key: `key of ${name}`,
    fingerprint: name,
    isOurs: true,
    notBeforeMs: issuedMs - backdateMs,
    notAfterMs: issuedMs + authorityDurationMs,
  };
}

export function retiring(trusted: TrustedCertificate, retireAfterMs: number): RetiringAuthority {
  const { certificate, fingerprint, isOurs, notBeforeMs, notAfterMs } = trusted;
  return { certificate, fingerprint, isOurs, notBeforeMs, notAfterMs, retireAfterMs };
}

export function stateOf(current: Authority, rest: Partial<AuthorityState> = {}): AuthorityState {
  return { current, next: undefined, previous: [], ...rest };
}
