import { boolean } from './setting-kinds.ts';
import type { Setting, SettingGroup } from './setting.ts';

const help: Setting<boolean> = boolean({
  name: 'help',
  shorthand: 'h',
  default: false,
  command: true,
  help: 'Show this text and exit.',
});

export const version: Setting<boolean> = boolean({
  name: 'version',
  default: false,
  command: true,
  help: 'Show the version and exit.',
});

export const printConfig: Setting<boolean> = boolean({
  name: 'print-config',
  default: false,
  command: true,
  help: 'Show the value of each setting and where it comes from, and exit.',
});

export const commandsGroup: SettingGroup = {
  title: 'Instead of serving',
  settings: [help, version, printConfig],
};
