import { verbosity } from './log-settings.ts';
import { boolean, integer, text } from './setting-kinds.ts';
import type { Setting, SettingGroup } from './setting.ts';

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
