import { pino } from 'pino';
import type { Log, LogFields, LogLevel } from '../util/log.ts';
import type { LogWriter } from './log-writer.ts';
import { capLength, unicodeEscape } from '../util/text.ts';
import { isObject, ownString } from '../util/json.ts';

export interface LoggerOptions {
  readonly level: LogLevel;
  readonly format: 'json' | 'text';
  readonly writer: LogWriter;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Told of every line that was dropped. */
  readonly onDropped: () => void;
}

export interface Logger extends Log {
  isEnabled(level: LogLevel): boolean;
  /**
   * An info line whose fields are JSON already: `"name":value` joined by commas. For the line per mutated pod, which
   * costs a third so.
   */
  infoLine(message: string, members: string): void;
}

/** A log of one JSON object a line: `level`, `ts` (ISO 8601, UTC), the fields, `msg`. */
export function createLogger({ level, format, writer, now, onDropped }: LoggerOptions): Logger {
  const timestamp = createTimestamp(now);
  const write = createReportingWrite(format, writer, timestamp, onDropped);
  const log = pino(
    {
      level,
      base: null,
      timestamp: () => `,"ts":"${timestamp()}"`,
      formatters: { level: label => ({ level: label }) },
    },
    { write },
  );
  return {
    debug: (message, fields) => log.debug(capFields(fields), message),
    info: (message, fields) => log.info(capFields(fields), message),
    warn: (message, fields) => log.warn(capFields(fields), message),
    error: (message, fields) => log.error(capFields(fields), message),
    isEnabled: level => log.isLevelEnabled(level),
    infoLine(message, members) {
      if (!log.isLevelEnabled('info')) return;
      write(`{"level":"info","ts":"${timestamp()}",${members},"msg":${JSON.stringify(message)}}\n`);
    },
  };
}

/** The time as text, made once a millisecond. */
function createTimestamp(now: () => number): () => string {
  let textMs = Number.NaN;
  let text = '';
  return () => {
    const nowMs = now();
    if (nowMs !== textMs) {
      textMs = nowMs;
      text = new Date(nowMs).toISOString();
    }
    return text;
  };
}

/** Writes lines in their format, and says in the log how many were dropped as soon as there is room again. */
function createReportingWrite(
  format: 'json' | 'text',
  writer: LogWriter,
  timestamp: () => string,
  onDropped: () => void,
): (line: string) => void {
  const tryWrite = (line: string): boolean => writer.write(format === 'text' ? toTextLine(line) : line);
  let dropped = 0;
  return line => {
    if (tryWrite(line)) {
      if (dropped === 0) return;
      const report = `{"level":"warn","ts":"${timestamp()}","lines":${dropped},"msg":"Log lines were dropped."}\n`;
      if (tryWrite(report)) dropped = 0;
      return;
    }
    dropped += 1;
    onDropped();
  };
}

function capFields(fields: LogFields | undefined): LogFields {
  const capped: { [field: string]: string | number | boolean | undefined } = {};
  for (const [name, value] of Object.entries(fields ?? {})) {
    capped[name] = typeof value === 'string' ? capLength(value) : value;
  }
  return capped;
}

/**
 * A log line of `--log-format text`, for people, from the JSON line: time, level, message, then the fields as
 * `name=value`. A value that is not one plain word stays JSON, so that no value can look like another line or field.
 */
function toTextLine(jsonLine: string): string {
  const record: unknown = JSON.parse(jsonLine);
  if (!isObject(record)) return jsonLine;
  const level = (ownString(record, 'level') ?? '').toUpperCase().padEnd(5);
  const fields = Object.entries(record)
    .filter(([name]) => name !== 'ts' && name !== 'level' && name !== 'msg')
    .map(([name, value]) => ` ${name}=${toWord(value)}`);
  return `${ownString(record, 'ts') ?? ''} ${level} ${ownString(record, 'msg') ?? ''}${fields.join('')}\n`;
}

function toWord(value: unknown): string {
  if (typeof value === 'string' && /^[\w.:/@*+-]+$/.test(value)) return value;
  // Beyond ASCII there are control characters that JSON leaves as they are and terminals obey.
  return JSON.stringify(value).replaceAll(/[^ -~]/g, unicodeEscape);
}
