/** What became of one call of the webhook, or of one pod. */
export type Outcome =
  | { readonly kind: 'mutated' }
  /** Answered, without the identity that it should have got. */
  | { readonly kind: 'unmutated' }
  | { readonly kind: 'failed'; readonly cause: string };

/** Counts outcomes, with why and how long. */
export class Tally {
  sent = 0;
  failed = 0;
  unmutated = 0;
  readonly #causes = new Map<string, number>();
  readonly #latenciesMs: number[] = [];

  add(outcome: Outcome, tookMs: number = 0): void {
    this.sent += 1;
    this.#latenciesMs.push(tookMs);
    if (outcome.kind === 'unmutated') this.unmutated += 1;
    if (outcome.kind !== 'failed') return;
    this.failed += 1;
    this.#causes.set(outcome.cause, (this.#causes.get(outcome.cause) ?? 0) + 1);
  }

  /** Waits for the outcome and counts it; what throws has failed. */
  async count(outcome: Promise<Outcome>): Promise<Outcome> {
    const startMs = performance.now();
    const found = await outcome.catch((error: unknown): Outcome => ({ kind: 'failed', cause: causeOf(error) }));
    this.add(found, performance.now() - startMs);
    return found;
  }

  /** The time within which that share of all outcomes came, in ms. */
  percentileMs(share: number): number {
    const sorted = this.#latenciesMs.toSorted((left, right) => left - right);
    return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
  }

  /** Why calls failed, most frequent first; empty when none did. */
  causes(): string {
    const byCount = [...this.#causes].toSorted(([, left], [, right]) => right - left);
    return byCount.map(([cause, count]) => `${count} × ${cause}`).join('; ');
  }
}

/** The counts of several senders together. */
export function sum(tallies: readonly Tally[]): Pick<Tally, 'sent' | 'failed' | 'unmutated'> {
  const total = (read: (tally: Tally) => number): number => tallies.reduce((all, tally) => all + read(tally), 0);
  return { sent: total(one => one.sent), failed: total(one => one.failed), unmutated: total(one => one.unmutated) };
}

/** The code of a failed connection, else the error's message. */
export function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return 'code' in error ? `${String(error.code)} ${error.message}` : error.message;
}
