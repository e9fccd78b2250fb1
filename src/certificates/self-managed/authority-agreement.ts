import type { Log } from '../../util/log.ts';
import {
  readAuthority,
  type Authority,
  type TrustedCertificate,
  type AuthorityState,
  authorityValidity,
  promoteNext,
  retire,
} from './authority.ts';
import type { AuthoritySecret, FoundSecret } from './authority-secret.ts';
import type { CertificateIssuer } from './certificate-issuer.ts';
import { findDueStep, type DueStep } from './due-step.ts';

export interface AgreementParts {
  readonly secret: AuthoritySecret;
  readonly issuer: CertificateIssuer;
  /** Life of an authority. */
  readonly authorityDurationMs: number;
  /** Life of a leaf. */
  readonly leafDurationMs: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Milliseconds that never jump. */
  readonly monotonicNow: () => number;
  readonly log: Log;
}

/** What this replica knows apart from the Secret. */
export interface Knowledge {
  /** Who signed the certificate that is served. */
  readonly issuer: TrustedCertificate | undefined;
  /** What the webhook configuration has API servers trust; undefined when that is not known. */
  readonly published: readonly TrustedCertificate[] | undefined;
  /** Fingerprints of what every API server can be expected to trust by now. */
  readonly settled: ReadonlySet<string>;
}

/** After the longest pause four changes are due: keep, promote_next, add_next, drop_retired. More in a row are a defect. */
const maxSteps = 6;

/** Brings all replicas to the same authorities through the Secret, without a leader: whoever finds a change due makes it. */
export class AuthorityAgreement {
  readonly #parts: AgreementParts;
  #memory: AuthorityState | undefined;
  #missingSinceMs: number | undefined;

  constructor(parts: AgreementParts) {
    this.#parts = parts;
  }

  /** The state that was last read or written; undefined before that. */
  get memory(): AuthorityState | undefined {
    return this.#memory;
  }

  /**
   * Carries out every change that is due. True when the Secret holds what is remembered then. Rejects with a KubernetesError, also
   * when another replica was faster.
   */
  async reach(knowledge: Knowledge, signal: AbortSignal): Promise<boolean> {
    let found = await this.#parts.secret.read(signal);
    for (let steps = 0; steps < maxSteps; steps += 1) {
      const step = this.#dueStep(found, knowledge);
      if (step.kind === 'none') break;
      found = await this.#take(step, found, knowledge, signal);
    }
    if (found.finding.kind !== 'state') return false;
    this.#memory = found.finding.state;
    return true;
  }

  #dueStep({ finding }: FoundSecret, knowledge: Knowledge): DueStep {
    const monotonicMs = this.#parts.monotonicNow();
    this.#missingSinceMs = finding.kind === 'missing' ? (this.#missingSinceMs ?? monotonicMs) : undefined;
    const missingForMs = monotonicMs - (this.#missingSinceMs ?? monotonicMs);
    return findDueStep({ ...knowledge, finding, missingForMs, memory: this.#memory, nowMs: this.#parts.now() });
  }

  async #take(
    step: ChangingStep,
    found: FoundSecret,
    { published = [] }: Knowledge,
    signal: AbortSignal,
  ): Promise<FoundSecret> {
    const { secret, leafDurationMs, now, log } = this.#parts;
    const makeAuthority = (): Promise<Authority> => this.#makeAuthority();
    const state = await nextState(step, { published, leafDurationMs, nowMs: now(), makeAuthority });
    const written = await secret.write(found, state, signal);
    log.info('Certificate authority changed.', {
      step: step.kind,
      reason: step.reason,
      detail: found.finding.kind === 'damaged' ? found.finding.detail : undefined,
      current: state.current.fingerprint,
      next: state.next?.fingerprint,
      previous: state.previous.length,
    });
    return written;
  }

  async #makeAuthority(): Promise<Authority> {
    const { issuer, now, authorityDurationMs } = this.#parts;
    const pair = await issuer.issueAuthority(authorityValidity(now(), authorityDurationMs));
    const reading = readAuthority(pair.certificate, pair.key);
    if (reading.kind === 'problem') throw new TypeError(`a certificate authority of ours: ${reading.detail}`);
    return reading.authority;
  }
}

/** A step that changes the Secret. */
export type ChangingStep = Exclude<DueStep, { kind: 'none' }>;

/** What a change needs apart from the step. */
export interface Ingredients {
  /** What clients trust at present: it stays trusted where the Secret was lost. */
  readonly published: readonly TrustedCertificate[];
  /** The life of a leaf: so long after it has last signed, an authority is not needed any more. */
  readonly leafDurationMs: number;
  /** Milliseconds since the epoch. */
  readonly nowMs: number;
  readonly makeAuthority: () => Promise<Authority>;
}

/** The state that the Secret is to hold after the step. */
export async function nextState(step: ChangingStep, ingredients: Ingredients): Promise<AuthorityState> {
  const { published, leafDurationMs, nowMs, makeAuthority } = ingredients;
  const retireAfterMs = nowMs + leafDurationMs;
  switch (step.kind) {
    case 'begin': {
      const begun = { current: await makeAuthority(), next: undefined, previous: [] };
      return retire(begun, unexpired([...step.known, ...published], nowMs), retireAfterMs);
    }
    case 'restore':
      // Another replica may have known more than this one.
      return retire(step.state, unexpired(published, nowMs), retireAfterMs);
    case 'drop_retired':
      return step.remaining;
    case 'add_next':
      return { ...step.state, next: await makeAuthority() };
    case 'promote_next':
      return promoteNext(step.state, step.next, retireAfterMs);
    case 'keep':
      return retire(step.state, step.kept, retireAfterMs);
  }
}

function unexpired(certificates: readonly TrustedCertificate[], nowMs: number): readonly TrustedCertificate[] {
  return certificates.filter(({ notAfterMs }) => notAfterMs > nowMs);
}
