import { parseGoInt64 } from '../go/numbers.ts';
import { boolean, choice, unexpected } from './setting-kinds.ts';
import type { Parsed, Read, Setting, SettingGroup } from './setting.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

export interface LogSettings {
  readonly level: LogLevel;
  readonly format: 'json' | 'text';
}

export interface MetricsSettings {
  /** Whether the names of the AWS webhook are exported too. */
  readonly legacyNames: boolean;
}

export const logLevel: Setting<LogLevel> = choice({
  name: 'log-level',
  default: 'info',
  choices: ['debug', 'info', 'warn', 'error'],
  help: 'Least important lines to log.',
});

const logFormat: Setting<'json' | 'text'> = choice({
  name: 'log-format',
  default: 'json',
  choices: ['json', 'text'],
  help: 'One JSON object a line, or text for a person.',
});

const legacyMetrics: Setting<boolean> = boolean({
  name: 'legacy-metrics',
  default: false,
  help: 'Export the metrics of the AWS webhook too, under their names.',
});

const maxInt32 = 2_147_483_647;

export const verbosity: Setting<number> = {
  name: 'v',
  shorthand: 'v',
  type: 'int',
  defaultText: '0',
  defaultValue: 0,
  help: 'klog verbosity: 4 and more mean --log-level=debug, unless --log-level is given.',
  parse: parseVerbosity,
};

/** klog reads it in base 10, unlike the other integers. */
function parseVerbosity(text: string): Parsed<number> {
  const value = Number(parseGoInt64(text) ?? Number.NaN);
  if (!(Math.abs(value) <= maxInt32)) return unexpected('an integer', text);
  return { kind: 'value', value, text: String(value) };
}

export const logGroup: SettingGroup = { title: 'Log and metrics', settings: [logLevel, logFormat, legacyMetrics] };

export function readLog(read: Read): LogSettings {
  return { level: read(logLevel), format: read(logFormat) };
}

export function readMetrics(read: Read): MetricsSettings {
  return { legacyNames: read(legacyMetrics) };
}
