/** Something about one entry that its author should know. */
export interface DocumentFinding {
  /** In the document, from 1. */
  readonly line: number;
  readonly detail: string;
}

/** What was found in one document. */
export interface CheckedDocument {
  readonly entries: number;
  readonly findings: readonly DocumentFinding[];
}
