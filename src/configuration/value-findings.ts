import type { ResolvedSettings } from './resolved-settings.ts';

/** What is to be said about the values, each for itself. */
export interface ValueFindings {
  readonly problems: readonly string[];
  readonly notices: readonly string[];
  /** Names of the settings that have a problem. */
  readonly invalid: ReadonlySet<string>;
}

/** Checks every value. */
export function findInValues(resolved: ResolvedSettings): ValueFindings {
  const problems: string[] = [];
  const notices: string[] = [];
  const invalid = new Set<string>();
  for (const { setting, text, label } of resolved.values()) {
    const parsed = setting.parse(text);
    if (parsed.kind === 'problem') {
      problems.push(`${label}: ${parsed.detail}`);
      invalid.add(setting.name);
    } else if (parsed.notice !== undefined) {
      notices.push(`${label}: ${parsed.notice}`);
    }
  }
  return { problems, notices, invalid };
}
