import { isDeepStrictEqual } from 'node:util';
import { toAdditions, applyPatches, type PlacedPatch } from './placed-patch.ts';
import { ManifestProblem } from './manifest-problem.ts';
import { planEdits } from './plan-edits.ts';
import { applyEdits, type TextEdit } from './source-position.ts';
import { maxYamlCharacters, readYamlDocuments } from './yaml-documents.ts';

/** A text with additions, and what was done to it. */
export interface SplicedText {
  readonly text: string;
  readonly edits: readonly TextEdit[];
}

/**
 * Adds what patches say to the text of manifests, YAML or JSON, and leaves every other character as it is. What comes of it is
 * read again: it means what the patches make of the objects, or a ManifestProblem is thrown.
 */
export function splicePatches(text: string, source: string, patches: readonly PlacedPatch[]): SplicedText {
  if (patches.length === 0) return { text, edits: [] };
  if (text.length > maxYamlCharacters) {
    const expected = `expected at most ${maxYamlCharacters} characters to add lines to`;
    throw new ManifestProblem({ source, line: 1 }, `${expected}, found ${text.length}: -o json gives the result`);
  }
  const byDocument = Map.groupBy(patches, patch => patch.document);
  const edits: TextEdit[] = [];
  const expected = new Map<number, unknown>();
  const lines = new Map<number, number>();
  for (const { number, tree, value, lineOf } of readYamlDocuments(text, source)) {
    const own = byDocument.get(number) ?? [];
    expected.set(number, applyPatches(value, own));
    lines.set(number, lineOf(null));
    if (own.length === 0) continue;
    const planned = planEdits({ text, tree, expected: expected.get(number) }, toAdditions(own));
    if (planned === undefined) throw refusal(source, lineOf(null));
    edits.push(...planned);
  }
  const spliced = applyEdits(text, edits);
  const differing = firstDifference(spliced, source, expected);
  if (differing !== undefined) throw refusal(source, lines.get(differing) ?? 1);
  return { text: spliced, edits };
}

function firstDifference(text: string, source: string, expected: ReadonlyMap<number, unknown>): number | undefined {
  const left = new Map(expected);
  try {
    for (const { number, value } of readYamlDocuments(text, source)) {
      if (!isDeepStrictEqual(JSON.parse(JSON.stringify(value)), expected.get(number))) return number;
      left.delete(number);
    }
  } catch (error) {
    if (error instanceof ManifestProblem) return left.keys().next().value;
    throw error;
  }
  return left.keys().next().value;
}

function refusal(source: string, line: number): ManifestProblem {
  const expected = 'expected a document to which lines can be added without a change to others';
  return new ManifestProblem(
    { source, line },
    `${expected}, found one in which an alias or an unusual notation prevents it: -o json gives the result`,
  );
}
