import { findCombinationNotices, findCombinationProblems } from './combinations.ts';
import { configListing } from './config-listing.ts';
import { type Environment, readEnvironment } from './environment.ts';
import { readFlags } from './flags.ts';
import { helpText, usage } from './help-text.ts';
import { readFrom, type ResolvedSettings, resolveSettings } from './resolved-settings.ts';
import { serveRows, serveRowsByName, serveTable } from './serve-table.ts';
import { type ServeSettings, toServeSettings } from './serve-settings.ts';
import type { Origin } from './setting.ts';
import { printConfig, version } from './command-flags.ts';
import { findInValues } from './value-findings.ts';

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
  const resolved = resolveSettings(serveRows, flags.texts, variables.texts);
  const read = readFrom(resolved);
  if (read(version)) return { kind: 'version' };

  const values = findInValues(resolved);
  const problems = [...flags.problems, ...values.problems];
  const obstacles = findCombinationProblems(read, values.invalid);
  const unused = findCombinationNotices(read, values.invalid);
  const notices = [...flags.notices, ...variables.notices, ...values.notices, ...unused];
  if (problems.length === 0 && read(printConfig)) {
    return { kind: 'print-config', text: configListing(serveTable, resolved, obstacles), notices };
  }
  if (problems.length + obstacles.length > 0) {
    return { kind: 'problems', problems: [...problems, ...obstacles], notices, usage };
  }
  return { kind: 'settings', settings: toServeSettings(read), origins: originsOf(resolved), notices };
}

function originsOf(resolved: ResolvedSettings): ReadonlyMap<string, Origin> {
  return new Map([...resolved.values()].map(({ setting, origin }) => [setting.name, origin]));
}
