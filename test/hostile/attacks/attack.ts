/** What is attacked; plain data, for another process. */
export interface AttackTarget {
  readonly port: number;
  readonly metricsPort: number;
}

/** What an attacker saw. */
export class AttackCounts {
  readonly #counts = new Map<string, number>();
  readonly #wrong: string[] = [];

  add(what: string): void {
    this.#counts.set(what, (this.#counts.get(what) ?? 0) + 1);
  }

  /** An answer that must never be given. */
  addWrong(what: string): void {
    if (this.#wrong.length < 10) this.#wrong.push(what);
    this.add('wrong');
  }

  report(): AttackReport {
    return { counts: Object.fromEntries(this.#counts), wrong: this.#wrong };
  }
}

export interface AttackReport {
  /** How often each thing was seen, such as the status of an answer. */
  readonly counts: { readonly [what: string]: number };
  /** The first answers that must never be given; empty when there were none. */
  readonly wrong: readonly string[];
}

/** Goes on until the signal. Never rejects. */
export interface Siege {
  readonly target: AttackTarget;
  readonly counts: AttackCounts;
  readonly signal: AbortSignal;
}

/** The report as one line for a person. */
export function describeAttack({ counts, wrong }: AttackReport): string {
  const parts = Object.entries(counts).map(([what, count]) => `${count} × ${what}`);
  return [...parts, ...wrong].join(', ');
}

/** One of 127.0.0.0/8, all of which this machine has. */
export function addressOf(index: number): string {
  return `127.1.${Math.floor(index / 250)}.${1 + (index % 250)}`;
}
