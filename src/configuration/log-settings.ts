import { parseGoInt64 } from '../go/numbers.ts';
import { logLevels } from '../util/log.ts';
import {
  boolean,
  choice,
  integer,
  readRows,
  text,
  unexpected,
  type Parsed,
  type Read,
  type Setting,
  type SettingGroup,
  type ValuesOf,
} from './setting.ts';

export const logRows = {
  level: choice({
    name: 'log-level',
    default: 'info',
    choices: logLevels,
    help: 'Least important lines to log.',
  }),
  format: choice({
    name: 'log-format',
    default: 'json',
    choices: ['json', 'text'],
    help: 'One JSON object a line, or text for a person.',
  }),
};

const metricsRows = {
  /** True exports the metrics under the names of the AWS webhook too. */
  legacyNames: boolean({
    name: 'legacy-metrics',
    default: false,
    help: 'Export the metrics of the AWS webhook too, under their names.',
  }),
};

export const logGroup: SettingGroup = {
  title: 'Log and metrics',
  settings: [...Object.values(logRows), ...Object.values(metricsRows)],
};

export type LogSettings = ValuesOf<typeof logRows>;

/** Returns what the settings say about the log. */
export function readLog(read: Read): LogSettings {
  return readRows(logRows, read);
}

export type MetricsSettings = ValuesOf<typeof metricsRows>;

/** Returns what the settings say about the metrics. */
export function readMetrics(read: Read): MetricsSettings {
  return readRows(metricsRows, read);
}

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

/** A switch of klog. */
function accepted(name: string, byDefault: boolean): Setting<boolean> {
  return boolean({ name, default: byDefault, ignored: true, help: '' });
}

/** A value of klog. */
function acceptedText(name: string, byDefault: string): Setting<string> {
  return text({ name, default: byDefault, ignored: true, help: '' });
}

/**
 * The flags of klog, which almost every manifest for the AWS webhook uses. All are accepted; the verbosity is the only one
 * that means something here. https://github.com/kubernetes/klog
 */
export const klogGroup: SettingGroup = {
  title: 'klog flags, accepted',
  settings: [
    verbosity,
    accepted('add_dir_header', false),
    accepted('alsologtostderr', false),
    acceptedText('alsologtostderrthreshold', '0'),
    accepted('legacy_stderr_threshold_behavior', true),
    acceptedText('log_backtrace_at', ''),
    acceptedText('log_dir', ''),
    acceptedText('log_file', ''),
    integer({
      name: 'log_file_max_size',
      default: 1800,
      min: 0,
      max: Number.MAX_SAFE_INTEGER,
      ignored: true,
      help: '',
    }),
    accepted('logtostderr', true),
    accepted('one_output', false),
    accepted('skip_headers', false),
    accepted('skip_log_headers', false),
    acceptedText('stderrthreshold', '2'),
    acceptedText('vmodule', ''),
  ],
};
