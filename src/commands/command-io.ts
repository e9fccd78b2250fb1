import type { Readable, Writable } from 'node:stream';
import packageJson from '../../package.json' with { type: 'json' };
import type { Environment } from '../configuration/environment.ts';

/** What the program has of the process it runs in; tests give their own. */
export interface ProcessIo {
  readonly environment: Environment;
  /** Standard input, which `-f -` reads. */
  readonly stdin: Readable;
  /** Takes the result: nothing else goes to standard output. */
  readonly stdout: Writable;
  /** Takes everything that is not the result. */
  readonly stderr: Writable;
  readonly process: ProcessEvents;
}

/** What a command has of it: standard output and standard error escape what a terminal would obey. */
export interface CommandIo extends ProcessIo {
  /** Standard output for manifests, key sets and tokens, which stay as they are to the byte, but not on a terminal. */
  readonly documents: Writable;
}

/** What happens to the process from outside, and what only the process itself can do. */
export interface ProcessEvents {
  /** Calls the listener with each SIGTERM and SIGINT. */
  onTermination(listener: (signal: string) => void): void;
  /** Calls the listener with an exception or rejection that nobody caught. */
  onUncaught(listener: (error: unknown) => void): void;
  /** Ends the process now. */
  exit(code: number): void;
}

/**
 * What the process ends with: done; findings, or an exception that nobody caught; wrong usage; could not do it (cluster,
 * file, malformed input).
 */
export const exitCodes = { done: 0, findings: 1, uncaught: 1, usage: 2, failed: 3 } as const;

/** An exit code of a command that a person runs. */
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** The one version of package, image and chart. */
export const version: string = packageJson.version;

/**
 * Writes a result and waits until it is taken: the reader of a pipe may be slow. One that left, or a full disk, ends the program
 * (program.ts).
 */
export async function writeResult(stdout: Writable, text: string): Promise<void> {
  await new Promise<void>(resolve => {
    stdout.write(text, () => resolve());
  });
}
