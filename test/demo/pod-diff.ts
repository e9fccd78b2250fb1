import { diff } from 'node:util';
import { dumpYaml } from '@kubernetes/client-node';
import type { JsonObject } from '../../src/util/json.ts';

export interface DiffLine {
  /** `gap` stands for lines that are the same and far from any other. */
  readonly kind: 'same' | 'added' | 'removed' | 'gap';
  readonly text: string;
}

/** The difference between two pods as the API server has them, as YAML lines with what is around them. */
export function diffPods(before: JsonObject, after: JsonObject): readonly DiffLine[] {
  // The operations are named as for an assertion: what is expected, but not actual, counts as deleted.
  const lines = diff(yamlLines(before), yamlLines(after)).map(([operation, text]): DiffLine => {
    if (operation === 0) return { kind: 'same', text };
    return { kind: operation < 0 ? 'added' : 'removed', text };
  });
  return nearChanges(lines);
}

/** What a user writes; the rest of a stored pod is the API server's own bookkeeping. */
function yamlLines({ metadata, spec }: JsonObject): readonly string[] {
  const { name, labels, annotations } = Object(metadata);
  const written = { metadata: { name, labels, annotations }, spec };
  return dumpYaml(written, { seqNoIndent: true, lineWidth: -1, skipInvalid: true }).trimEnd().split('\n');
}

/** One line around each change; a gap takes a line itself, so it never stands for a single one. */
function nearChanges(lines: readonly DiffLine[]): readonly DiffLine[] {
  const isChanged = (index: number): boolean => (lines[index]?.kind ?? 'same') !== 'same';
  const isNear = (index: number): boolean => [index - 1, index, index + 1].some(isChanged);
  const isShown = (index: number): boolean => isNear(index) || (isNear(index - 1) && isNear(index + 1));
  const isGap = (index: number): boolean => isShown(index + 1) && lines.slice(0, index).some((_, at) => isShown(at));
  return lines.flatMap((line, index): readonly DiffLine[] => {
    if (isShown(index)) return [line];
    return isGap(index) ? [{ kind: 'gap', text: '' }] : [];
  });
}
