import { environmentName, type Setting, type SettingGroup } from './setting.ts';

/** Characters in a line of explanation; a flag with its default may be longer. */
const width = 100;

const opening = `Examples:
  # Behind the Service of a cluster, with the certificate of a mounted Secret
  irsa serve --in-cluster=false --tls-cert=/certs/tls.crt --tls-key=/certs/tls.key --port=8443

  # Role mappings from the ConfigMap irsa/pod-identity-webhook too, and all decisions in the log
  irsa serve --in-cluster=false --namespace=irsa --watch-config-map --log-level=debug

  # On a workstation, against the cluster of a kubeconfig; the same settings in the environment
  IRSA_IN_CLUSTER=false irsa serve --kubeconfig="$HOME/.kube/config" --port=8443

Usage:
  irsa serve [flags]

Serves the webhook that gives pods their AWS identity. Takes every flag of the AWS webhook, in the
same syntax: --flag=value or --flag value, booleans only --flag or --flag=false, durations as 1m30s.
Each setting can come from the environment too: --token-expiration as IRSA_TOKEN_EXPIRATION. A flag
wins over the environment.
`;

/** What a person sees who made a mistake: the problems come with it, so it is short. */
export const usage = 'Usage: irsa serve [flags]\nSee "irsa serve --help" for all flags.\n';

/** The text of `irsa serve --help`, made of the table. */
export function helpText(groups: readonly SettingGroup[]): string {
  return [opening, ...groups.map(groupText)].join('\n');
}

/** One group of settings, as the help shows it. */
export function groupText({ title, settings }: SettingGroup): string {
  const explained = settings.filter(({ help }) => help !== '');
  const others = settings.filter(({ help }) => help === '').map(flagNotation);
  const note = others.length === 0 ? [] : indent(wrap(`Without effect: ${others.join(', ')}`, width - 2), 2);
  return [`${title}:`, ...explained.flatMap(settingLines), ...note, ''].join('\n');
}

function settingLines(setting: Setting<unknown>): readonly string[] {
  return [`  ${flagUsage(setting)}`, ...indent(wrap(setting.help, width - 8), 8)];
}

function flagUsage(setting: Setting<unknown>): string {
  const values = valueNotation(setting);
  const defaultNote =
    setting.defaultText === '' || setting.defaultText === 'false' ? '' : ` (default ${setting.defaultText})`;
  return `${flagNotation(setting)}${values === '' ? '' : ` ${values}`}${defaultNote}`;
}

/** The flag with its dashes, both forms where it has two. */
function flagNotation(setting: Setting<unknown>): string {
  return setting.shorthand === undefined ? `--${setting.name}` : `-${setting.shorthand}, --${setting.name}`;
}

/** What the flag takes: its type, or the words to choose from. A boolean takes nothing. */
function valueNotation(setting: Setting<unknown>): string {
  if (setting.choices !== undefined) return setting.choices.join('|');
  return setting.type === 'bool' ? '' : setting.type;
}

/** Splits at spaces into lines of at most that many characters; a longer word has a line of its own. */
function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}

/** The lines, each moved to the right. */
function indent(lines: readonly string[], spaces: number): readonly string[] {
  return lines.map(line => `${' '.repeat(spaces)}${line}`);
}

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
