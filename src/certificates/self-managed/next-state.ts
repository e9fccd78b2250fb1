import { assertNever } from '../../util/assert-never.ts';
import type { Authority, TrustedCertificate } from './authority.ts';
import { promoteNext, retire, type AuthorityState } from './authority-state.ts';
import type { DueStep } from './due-step.ts';

/** A step that changes the Secret. */
export type ChangingStep = Exclude<DueStep, { kind: 'none' }>;

/** What a change needs beside the step. */
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
    default:
      return assertNever(step);
  }
}

function unexpired(certificates: readonly TrustedCertificate[], nowMs: number): readonly TrustedCertificate[] {
  return certificates.filter(({ notAfterMs }) => notAfterMs > nowMs);
}
