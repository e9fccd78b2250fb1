import type { IdentityAnswer } from '../identity/identity.ts';

/** Names one ServiceAccount. Both parts are attacker-chosen strings. */
export interface ServiceAccountReference {
  readonly namespace: string;
  readonly name: string;
}

/** What admission needs to know of the world: the identity of a ServiceAccount. */
export interface IdentitySource {
  /**
   * The identity of this ServiceAccount, or why there is none. Answers at once from what is known; answers with a promise
   * only when the API server must be asked, and then within `waitMs` milliseconds. Never throws and never rejects.
   */
  identityOf(account: ServiceAccountReference, waitMs: number): IdentityAnswer | Promise<IdentityAnswer>;
}
