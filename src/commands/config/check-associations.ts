import { parseAssociations } from '../../identity/associations.ts';
import { ManifestProblem, type ManifestPlace } from '../../manifests/manifest-problem.ts';
import type { CheckedDocument } from './checked-document.ts';
import { readJsonLines } from './json-lines.ts';
import { quote } from '../../util/text.ts';

/** Checks associations, by the webhook's own reader. Throws ManifestProblem when they cannot be read at all. */
export function checkAssociations(text: string, where: ManifestPlace): CheckedDocument {
  const document = readJsonLines(text, where);
  const parsed = parseAssociations(text);
  if (parsed.kind === 'malformed') throw new ManifestProblem(where, parsed.detail);
  const lines = document.linesOfList('identities');
  const problems = parsed.problems.map(detail => ({ line: lines[indexIn(detail)] ?? 1, detail }));
  const unread = document.members().filter(({ key }) => key.toLowerCase() !== 'identities');
  return {
    entries: lines.length,
    findings: [
      ...problems,
      ...unread.map(({ key, line }) => ({ line, detail: `nobody reads the field ${quote(key)}; expected identities` })),
    ],
  };
}

/** The reader names the entry: `identities[3]: …`. */
function indexIn(problem: string): number {
  return Number(/^identities\[(\d+)\]/.exec(problem)?.[1] ?? 0);
}
