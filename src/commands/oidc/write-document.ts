import { isTerminal } from '../../terminal/style.ts';
import type { CommandIo } from '../command-io.ts';
import { writeResult } from '../common/write-result.ts';

/** Writes a document byte for byte, as kube-apiserver serves it; only on a terminal the line is ended. */
export function writeDocument(document: string, { stdout }: CommandIo): Promise<void> {
  return writeResult(stdout, isTerminal(stdout) ? `${document}\n` : document);
}
