import { findCombinationNotices, findCombinationProblems } from './combinations.ts';
import { type Environment, readEnvironment } from './environment.ts';
import { readFlags } from './flags.ts';
import { helpText, usage } from './help-text.ts';
import {
  findInValues,
  readFrom,
  resolveSettings,
  type ResolvedSetting,
  type ResolvedSettings,
} from './resolved-settings.ts';
import {
  printConfig,
  serveRows,
  serveRowsByName,
  serveTable,
  toServeSettings,
  version,
  type ServeSettings,
} from './serve-settings.ts';
import { kubernetesRows } from './source-settings.ts';
import type { Origin, SettingGroup } from './setting.ts';

/** What arguments and environment ask for. Notices are lines for a person about what is used, but hardly meant so. */
export type ServeArguments =
  | {
      readonly kind: 'settings';
      readonly settings: ServeSettings;
      /** By the name of the flag, without its dashes. */
      readonly origins: ReadonlyMap<string, Origin>;
      readonly notices: readonly string[];
    }
  | { readonly kind: 'help'; readonly text: string }
  | { readonly kind: 'version' }
  | { readonly kind: 'print-config'; readonly text: string; readonly notices: readonly string[] }
  /** All that is wrong, together; exit code 2. */
  | {
      readonly kind: 'problems';
      readonly problems: readonly string[];
      readonly notices: readonly string[];
      readonly usage: string;
    };

/**
 * Reads the arguments after `serve` and the environment; a flag wins over the environment, and both over the default. Pure:
 * the caller prints and exits. `--help` and then `--version` win over everything, problems included.
 */
export function parseServeArguments(argv: readonly string[], environment: Environment): ServeArguments {
  const flags = readFlags(argv, serveRowsByName);
  if (flags.help) return { kind: 'help', text: helpText(serveTable) };
  const variables = readEnvironment(environment, serveRows);
  const { resolved, notice } = withKubeconfigVariable(
    resolveSettings(serveRows, flags.texts, variables.texts),
    environment['KUBECONFIG'],
  );
  const read = readFrom(resolved);
  if (read(version)) return { kind: 'version' };

  const values = findInValues(resolved);
  const problems = [...flags.problems, ...values.problems];
  const obstacles = findCombinationProblems(read, values.invalid);
  const unused = findCombinationNotices(read, values.invalid);
  const notices = [...flags.notices, ...variables.notices, ...notice, ...values.notices, ...unused];
  if (problems.length === 0 && read(printConfig)) {
    return { kind: 'print-config', text: configListing(serveTable, resolved, obstacles), notices };
  }
  if (problems.length + obstacles.length > 0) {
    return { kind: 'problems', problems: [...problems, ...obstacles], notices, usage };
  }
  return { kind: 'settings', settings: toServeSettings(read), origins: originsOf(resolved), notices };
}

interface WithVariable {
  readonly resolved: ResolvedSettings;
  readonly notice: readonly string[];
}

/** KUBECONFIG belongs to other programs too: whatever says how this one reaches the API server wins over it (E221). */
function withKubeconfigVariable(resolved: ResolvedSettings, text: string | undefined): WithVariable {
  const { kubeconfig, apiUrl, credentialsPath } = kubernetesRows;
  const given = [kubeconfig, apiUrl, credentialsPath]
    .flatMap(row => resolved.get(row.name) ?? [])
    .find(({ origin }) => origin !== 'default');
  if (text === undefined || text === '' || given?.setting === kubeconfig) return { resolved, notice: [] };
  if (given !== undefined) {
    return { resolved, notice: [`KUBECONFIG is ignored: ${given.label} says how the API server is reached`] };
  }
  const found: ResolvedSetting = { setting: kubeconfig, text, label: 'KUBECONFIG', origin: 'environment' };
  return { resolved: new Map([...resolved, [kubeconfig.name, found]]), notice: [] };
}

function originsOf(resolved: ResolvedSettings): ReadonlyMap<string, Origin> {
  return new Map([...resolved.values()].map(({ setting, origin }) => [setting.name, origin]));
}

/**
 * The text of `--print-config`: every value in its plainest form and where it comes from. `obstacles` are why the server
 * would not start with them. No setting holds a secret.
 */
function configListing(
  groups: readonly SettingGroup[],
  resolved: ResolvedSettings,
  obstacles: readonly string[],
): string {
  const blocks = groups.flatMap(group => groupListing(group, resolved));
  const notes = obstacles.map(obstacle => `# would not start: ${obstacle}\n`);
  return [...blocks, ...notes].join('\n');
}

function groupListing(group: SettingGroup, resolved: ResolvedSettings): readonly string[] {
  const shown = group.settings.flatMap(setting => resolved.get(setting.name) ?? []).filter(isWorthShowing);
  if (shown.length === 0) return [];
  const assignments = shown.map(assignment);
  const width = Math.max(...assignments.map(({ length }) => length));
  const lines = shown.map((setting, index) => `${(assignments[index] ?? '').padEnd(width)}  # ${provenance(setting)}`);
  return [`# ${group.title}\n${lines.join('\n')}\n`];
}

/** A setting without effect is of interest only to the one who set it. */
function isWorthShowing({ setting, origin }: ResolvedSetting): boolean {
  if (setting.command === true) return false;
  return setting.ignored !== true || origin !== 'default';
}

function assignment({ setting, text }: ResolvedSetting): string {
  const parsed = setting.parse(text);
  const plain = parsed.kind === 'value' ? parsed.text : text;
  return `--${setting.name}=${/^[\x21-\x7e]*$/.test(plain) ? plain : JSON.stringify(plain)}`;
}

function provenance({ setting, origin, label }: ResolvedSetting): string {
  const source = origin === 'default' ? origin : `${origin} ${label}`;
  return setting.ignored === true ? `${source}, no effect` : source;
}
