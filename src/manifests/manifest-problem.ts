/** Why a manifest cannot be read; the message is one line: file, line, what was expected and what was found. */
export class ManifestProblem extends Error {
  override readonly name = 'ManifestProblem';

  constructor(where: ManifestPlace, message: string, options?: ErrorOptions) {
    super(`${where.source}:${where.line}: ${message}`, options);
  }
}

/** A line of an input. */
export interface ManifestPlace {
  /** Name of the file as it was given, or `stdin`. */
  readonly source: string;
  /** From 1. */
  readonly line: number;
}
