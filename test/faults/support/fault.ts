import type { Lab } from './lab.ts';

/** What one program found. */
export interface Figure {
  readonly sent: number;
  readonly failed: number;
  readonly unmutated: number;
  /** What else was measured, for a person. */
  readonly detail: string;
  /** In what it differs from what is expected; empty when it does not. */
  readonly misses: readonly string[];
}

/** This machine cannot show it, and why. */
export interface NotPossible {
  readonly kind: 'not-possible';
  readonly reason: string;
}

/** One row of the table of faults: a program with its figure. */
export interface Fault {
  readonly row: number;
  /** What happens, as the documentation has it. */
  readonly name: string;
  /** What the webhook does about it. */
  readonly behaviour: string;
  /** What the figure must be beside 0 failed and 0 unmutated, or instead. */
  readonly expected: string;
  /** Cheap enough for `make test`. */
  readonly isShort: boolean;
  /** It mostly waits, so it runs beside others. */
  readonly waits: boolean;
  readonly run: (lab: Lab) => Promise<Figure | NotPossible>;
}

/** The figure of a row that expects 0 failed and 0 unmutated. */
export function figureOf(
  { sent, failed, unmutated }: Pick<Figure, 'sent' | 'failed' | 'unmutated'>,
  detail: string,
  misses: readonly (string | false)[] = [],
): Figure {
  const all = [
    sent === 0 && 'nothing was sent',
    failed > 0 && `${failed} failed`,
    unmutated > 0 && `${unmutated} unmutated`,
    ...misses,
  ];
  return { sent, failed, unmutated, detail, misses: all.filter(miss => miss !== false) };
}
