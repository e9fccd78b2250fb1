import type { ResolvedSetting, ResolvedSettings } from './resolved-settings.ts';
import type { SettingGroup } from './setting.ts';

/**
 * The text of `--print-config`: every value in its plainest form and where it comes from. `obstacles` are why the server
 * would not start with them. No setting holds a secret.
 */
export function configListing(
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
