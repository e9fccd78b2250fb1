import {
  type Authority,
  type TrustedCertificate,
  includes,
  isRetired,
  trustedBy,
  type AuthorityState,
  lifeOf,
} from './authority.ts';

/** What was found in place of the Secret. */
export type SecretFinding =
  | { readonly kind: 'state'; readonly state: AuthorityState }
  /** There is no such Secret. */
  | { readonly kind: 'missing' }
  /** A Secret without data, as a chart may create it. */
  | { readonly kind: 'empty' }
  | { readonly kind: 'damaged'; readonly detail: string };

/** Why there is no state to go on with. */
type Loss = 'secret_missing' | 'secret_empty' | 'secret_damaged';

/** The next change to the Secret, why it is due, and what it starts from. Stable: the log uses kind and reason. */
export type DueStep =
  | { readonly kind: 'none' }
  /** What this replica remembers is written back. */
  | { readonly kind: 'restore'; readonly reason: Loss; readonly state: AuthorityState }
  /** A new authority is made that signs at once, since there is none that could; what the old ones signed stays trusted. */
  | {
      readonly kind: 'begin';
      readonly reason: Loss | 'current_expired' | 'current_not_yet_valid';
      readonly known: readonly TrustedCertificate[];
    }
  /** A new authority is made, to be trusted at once and to sign later. */
  | { readonly kind: 'add_next'; readonly reason: 'current_nearing_end'; readonly state: AuthorityState }
  | {
      readonly kind: 'promote_next';
      readonly reason: 'next_settled' | 'current_expired';
      readonly state: AuthorityState;
      readonly next: Authority;
    }
  /** Authorities of ours that are in use, as far as anybody knows, and have to stay trusted. */
  | {
      readonly kind: 'keep';
      readonly reason: 'issuer_not_in_secret' | 'published_not_in_secret';
      readonly state: AuthorityState;
      readonly kept: readonly TrustedCertificate[];
    }
  | { readonly kind: 'drop_retired'; readonly reason: 'retired'; readonly remaining: AuthorityState };

/** Everything that the decision depends on. */
export interface Situation {
  readonly finding: SecretFinding;
  /** How long the Secret has been missing. */
  readonly missingForMs: number;
  /** What this replica last read or wrote. */
  readonly memory: AuthorityState | undefined;
  /** Who signed the certificate that is served. */
  readonly issuer: TrustedCertificate | undefined;
  /** What the webhook configuration has API servers trust; undefined when that is not known. */
  readonly published: readonly TrustedCertificate[] | undefined;
  /** Fingerprints of what every API server can be expected to trust by now. */
  readonly settled: ReadonlySet<string>;
  /** Milliseconds since the epoch. */
  readonly nowMs: number;
}

/**
 * How long a missing Secret is left alone when its content is remembered: nothing is broken meanwhile, and when the webhook
 * is being uninstalled its permission to write ends soon after the Secret, so that nothing is left behind.
 */
export const restoreDelayMs = 5_000;

const nothing: DueStep = { kind: 'none' };

/** Returns the change to the Secret that is due, and why. One at a time: each begins with another look at the situation. */
export function findDueStep(situation: Situation): DueStep {
  switch (situation.finding.kind) {
    case 'state':
      return stepFrom(situation.finding.state, situation);
    case 'missing':
      return recover('secret_missing', situation, situation.missingForMs >= restoreDelayMs);
    case 'empty':
      return recover('secret_empty', situation, true);
    case 'damaged':
      return recover('secret_damaged', situation, true);
  }
}

function recover(reason: Loss, { memory, issuer, nowMs }: Situation, isTime: boolean): DueStep {
  if (memory === undefined || !canSign(memory, nowMs)) return { kind: 'begin', reason, known: listOf(issuer) };
  return isTime ? { kind: 'restore', reason, state: memory } : nothing;
}

/** True when one of its authorities, the current or the next, is of use. */
function canSign({ current, next }: AuthorityState, nowMs: number): boolean {
  return nowMs < current.notAfterMs || (next !== undefined && nowMs < next.notAfterMs);
}

function stepFrom(state: AuthorityState, situation: Situation): DueStep {
  return (
    replaceCurrent(state, situation) ??
    keepIssuer(state, situation) ??
    keepPublished(state, situation) ??
    rotate(state, situation) ??
    dropRetired(state, situation) ??
    nothing
  );
}

/** When the current authority is of no use there is nothing to lose: no client trusts what it signs. */
function replaceCurrent(state: AuthorityState, { issuer, nowMs }: Situation): DueStep | undefined {
  const { current, next } = state;
  const known = [...listOf(issuer), ...trustedBy(state, nowMs)];
  if (nowMs < current.notBeforeMs) return { kind: 'begin', reason: 'current_not_yet_valid', known };
  if (nowMs < current.notAfterMs) return undefined;
  const reason = 'current_expired';
  if (next === undefined || !isValid(next, nowMs)) return { kind: 'begin', reason, known };
  return { kind: 'promote_next', reason, state, next };
}

/** Somebody has replaced the authority without an overlap, and we still serve by the old one. */
function keepIssuer(state: AuthorityState, { issuer, nowMs }: Situation): DueStep | undefined {
  if (issuer === undefined || nowMs >= issuer.notAfterMs) return undefined;
  if (trustedBy(state, nowMs).some(({ fingerprint }) => fingerprint === issuer.fingerprint)) return undefined;
  return { kind: 'keep', reason: 'issuer_not_in_secret', state, kept: [issuer] };
}

/** Another replica may serve by an authority that has been lost with an earlier Secret. */
function keepPublished(state: AuthorityState, { published = [], nowMs }: Situation): DueStep | undefined {
  const kept = published.filter(known => known.isOurs && nowMs < known.notAfterMs && !includes(state, known));
  return kept.length === 0 ? undefined : { kind: 'keep', reason: 'published_not_in_secret', state, kept };
}

function rotate(state: AuthorityState, { settled, nowMs }: Situation): DueStep | undefined {
  const { current, next } = state;
  if (next === undefined || nowMs >= next.notAfterMs) {
    return nowMs < lifeOf(current).twoThirdsMs ? undefined : { kind: 'add_next', reason: 'current_nearing_end', state };
  }
  if (!isValid(next, nowMs) || !settled.has(next.fingerprint)) return undefined;
  return { kind: 'promote_next', reason: 'next_settled', state, next };
}

/** Not before it has left the bundle: there, what the Secret does not know would be kept. */
function dropRetired(state: AuthorityState, { published, nowMs }: Situation): DueStep | undefined {
  if (published === undefined) return undefined;
  const stillPublished = new Set(published.map(({ fingerprint }) => fingerprint));
  const previous = state.previous.filter(
    authority => stillPublished.has(authority.fingerprint) || !isRetired(authority, nowMs),
  );
  if (previous.length === state.previous.length) return undefined;
  return { kind: 'drop_retired', reason: 'retired', remaining: { ...state, previous } };
}

function isValid({ notBeforeMs, notAfterMs }: TrustedCertificate, nowMs: number): boolean {
  return notBeforeMs <= nowMs && nowMs < notAfterMs;
}

function listOf(issuer: TrustedCertificate | undefined): readonly TrustedCertificate[] {
  return issuer === undefined ? [] : [issuer];
}
