import { applyEdits, inOrder, type TextEdit } from './source-position.ts';

/** As in `diff -u`. */
const contextLines = 3;

/** One line of a difference, its end included. */
interface DiffLine {
  readonly sign: ' ' | '-' | '+';
  readonly line: string;
}

/** The edits of a text as `patch` and `git apply` take them; empty for none. Edits lie within a line each. */
export function unifiedDiff(name: string, text: string, edits: readonly TextEdit[]): string {
  if (edits.length === 0) return '';
  const lines = diffLines(text, inOrder(edits));
  const hunks = hunksOf(lines).map(({ start, end }) => formatHunk(lines, start, end));
  return [`--- ${name}\n+++ ${name}\n`, ...hunks].join('');
}

function diffLines(text: string, edits: readonly TextEdit[]): readonly DiffLine[] {
  // The last piece is what follows the last line end, perhaps nothing.
  const pieces = text.split(/(?<=\n)/);
  if (text.endsWith('\n')) pieces.push('');
  const lines: DiffLine[] = [];
  let position = 0;
  let next = 0;
  for (const [index, piece] of pieces.entries()) {
    const isLast = index === pieces.length - 1;
    const own: TextEdit[] = [];
    for (let edit = edits[next]; edit !== undefined; edit = edits[next]) {
      if (edit.offset >= position + piece.length && !isLast) break;
      own.push({ ...edit, offset: edit.offset - position });
      next += 1;
    }
    lines.push(...compareLine(piece, own));
    position += piece.length;
  }
  return lines;
}

/** What becomes of a line: nothing, lines above or below it, or other lines. */
function compareLine(line: string, edits: readonly TextEdit[]): readonly DiffLine[] {
  const kept: readonly DiffLine[] = line === '' ? [] : [{ sign: ' ', line }];
  if (edits.length === 0) return kept;
  const after = applyEdits(line, edits).split(/(?<=\n)/);
  const place = after.indexOf(line);
  const added = (lines: readonly string[]): readonly DiffLine[] => lines.map(line => ({ sign: '+', line }));
  if (place !== -1) return [...added(after.slice(0, place)), ...kept, ...added(after.slice(place + 1))];
  return [...(line === '' ? [] : [{ sign: '-', line } as const]), ...added(after)];
}

interface Hunk {
  readonly start: number;
  end: number;
}

/** Changes whose contexts touch are one hunk. */
function hunksOf(lines: readonly DiffLine[]): readonly Hunk[] {
  const hunks: Hunk[] = [];
  for (const [index, { sign }] of lines.entries()) {
    if (sign === ' ') continue;
    const end = Math.min(lines.length, index + contextLines + 1);
    const last = hunks.at(-1);
    if (last !== undefined && index - contextLines <= last.end) last.end = end;
    else hunks.push({ start: Math.max(0, index - contextLines), end });
  }
  return hunks;
}

function formatHunk(lines: readonly DiffLine[], start: number, end: number): string {
  const before = lines.slice(0, start);
  const shown = lines.slice(start, end);
  const count = (part: readonly DiffLine[], without: '-' | '+'): number =>
    part.filter(({ sign }) => sign !== without).length;
  const range = (without: '-' | '+'): string => `${count(before, without) + 1},${count(shown, without)}`;
  return [`@@ -${range('+')} +${range('-')} @@\n`, ...shown.map(formatLine)].join('');
}

function formatLine({ sign, line }: DiffLine): string {
  return line.endsWith('\n') ? sign + line : `${sign}${line}\n\\ No newline at end of file\n`;
}
