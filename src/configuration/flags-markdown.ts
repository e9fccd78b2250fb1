import { flagNotation } from './help-text.ts';
import { environmentName, type Setting, type SettingGroup } from './setting.ts';

/** The documentation's tables of flags, one a group, under headings of the second level. */
export function flagsMarkdown(groups: readonly SettingGroup[]): string {
  return groups.map(groupMarkdown).join('\n');
}

function groupMarkdown({ title, settings }: SettingGroup): string {
  const header = '| flag | type | default | environment | meaning |\n| --- | --- | --- | --- | --- |';
  return `## ${title}\n\n${header}\n${settings.map(row).join('\n')}\n`;
}

function row(setting: Setting<unknown>): string {
  const cells = [
    code(flagNotation(setting)),
    setting.choices === undefined ? setting.type : setting.choices.map(code).join(', '),
    code(setting.defaultText),
    code(environmentName(setting) ?? ''),
    escape(setting.help === '' ? 'Accepted, has no effect.' : setting.help),
  ];
  return `| ${cells.join(' | ')} |`;
}

function code(text: string): string {
  return text === '' ? '' : `\`${text}\``;
}

/** Keeps a text inside its cell and from being read as markup. */
function escape(text: string): string {
  return text.replaceAll(/[|<*_]/g, String.raw`\$&`);
}
