import { createLogger, type Logger, type LoggerOptions } from '../../src/observability/logger.ts';

export interface MemoryLog {
  readonly log: Logger;
  /** The lines as they were written. */
  readonly written: string[];
  /** The lines, parsed. */
  readonly lines: () => readonly { readonly [field: string]: unknown }[];
}

export const at: number = Date.parse('2026-11-24T10:20:30.456Z');

/** A logger that writes into memory. */
export function memoryLog(options: Partial<LoggerOptions> = {}): MemoryLog {
  const written: string[] = [];
  const writer = {
    write(line: string): boolean {
      written.push(line);
      return true;
    },
    flush: (): Promise<void> => Promise.resolve(),
  };
  const log = createLogger({
    level: 'debug',
    format: 'json',
    writer,
    now: () => at,
    onDropped: () => undefined,
    ...options,
  });
  return { log, written, lines: () => written.map(line => JSON.parse(line)) };
}
