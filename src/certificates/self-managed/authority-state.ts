import type { Authority, TrustedCertificate } from './authority.ts';

/** An authority that signs no more, and is trusted until no leaf of it can be left. */
export interface RetiringAuthority extends TrustedCertificate {
  /** Milliseconds since the epoch. */
  readonly retireAfterMs: number;
}

/** What the Secret holds: all replicas agree on it. */
export interface AuthorityState {
  /** Signs the leaves. */
  readonly current: Authority;
  /** Will sign, once every API server can be expected to trust it. */
  readonly next: Authority | undefined;
  /** Signed before. */
  readonly previous: readonly RetiringAuthority[];
}

/** A bundle of more authorities than this is a mistake, and each one costs 700 bytes of etcd in several places. */
const maxPrevious = 8;

/** Every certificate that clients have to trust, each once: all of the state that are neither expired nor retired. */
export function trustedBy(state: AuthorityState, nowMs: number): readonly TrustedCertificate[] {
  const retiring = state.previous.filter(({ retireAfterMs }) => nowMs < retireAfterMs);
  const all = [state.current, ...(state.next === undefined ? [] : [state.next]), ...retiring];
  return distinct(all.filter(({ notAfterMs }) => notAfterMs > nowMs));
}

/** Each certificate once. */
export function distinct(certificates: readonly TrustedCertificate[]): readonly TrustedCertificate[] {
  return [...new Map(certificates.map(certificate => [certificate.fingerprint, certificate])).values()];
}

/** True when the state knows this authority, also as one that is retired. */
export function includes(state: AuthorityState, { fingerprint }: TrustedCertificate): boolean {
  return [state.current, state.next, ...state.previous].some(known => known?.fingerprint === fingerprint);
}

/** The state in which the next authority has become the current one. */
export function promoteNext(state: AuthorityState, next: Authority, retireAfterMs: number): AuthorityState {
  return retire({ ...state, current: next, next: undefined }, [state.current], retireAfterMs);
}

/** The state in which these are trusted until then at least, unless they are the current one or the next. */
export function retire(
  state: AuthorityState,
  certificates: readonly TrustedCertificate[],
  retireAfterMs: number,
): AuthorityState {
  const signing = new Set([state.current.fingerprint, state.next?.fingerprint]);
  const added = distinct(certificates)
    .filter(({ fingerprint }) => !signing.has(fingerprint))
    .map(({ certificate, fingerprint, isOurs, notBeforeMs, notAfterMs }) => {
      return { certificate, fingerprint, isOurs, notBeforeMs, notAfterMs, retireAfterMs };
    });
  const others = state.previous.filter(known => !added.some(({ fingerprint }) => fingerprint === known.fingerprint));
  return { ...state, previous: [...added, ...others].slice(0, maxPrevious) };
}

/** True when the authority has no place in the state any more. */
export function isRetired(authority: RetiringAuthority, nowMs: number): boolean {
  return nowMs >= authority.retireAfterMs || nowMs >= authority.notAfterMs;
}
