/** From the least important to the most important. */
export const logLevels = ['debug', 'info', 'warn', 'error'] as const;

export type LogLevel = (typeof logLevels)[number];

/** Data of one log line. Never a pod, an environment value or a token (E150). */
export type LogFields = { readonly [field: string]: string | number | boolean | undefined };

/**
 * What the long-lived parts need from a log: a static message, so that lines can be grouped, and the data in fields.
 */
export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}
