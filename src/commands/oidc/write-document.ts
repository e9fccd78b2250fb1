import { isTerminal } from '../../terminal/style.ts';
import type { CommandIo } from '../command-io.ts';

/** Writes a document byte for byte, as kube-apiserver serves it; only on a terminal the line is ended. */
export function writeDocument(document: string, { stdout }: CommandIo): void {
  stdout.write(isTerminal(stdout) ? `${document}\n` : document);
}
