import { isCollection, isNode, isPair } from 'yaml';

/** Where a node of a parsed document begins in its text, without its anchor and tag. */
export function startOf(node: unknown): number {
  return isNode(node) ? (node.range?.[0] ?? 0) : 0;
}

/** Where a node ends, before comments and blank lines; for a field without a value, behind its key. */
export function endOf(node: unknown): number {
  let last = node;
  while ((isCollection(last) && last.flow !== true) || isPair(last)) {
    last = isPair(last) ? (last.value ?? last.key) : last.items.at(-1);
  }
  return isNode(last) ? (last.range?.[1] ?? 0) : 0;
}

/** The start of the line behind this offset; the offset itself where it is one. */
export function lineAfter(text: string, offset: number): number {
  if (offset > 0 && text[offset - 1] === '\n') return offset;
  const lineEnd = text.indexOf('\n', offset);
  return lineEnd === -1 ? text.length : lineEnd + 1;
}

/** The start of the line with this offset. */
export function lineStart(text: string, offset: number): number {
  return text.lastIndexOf('\n', offset - 1) + 1;
}

/** Passes over the comment lines directly above the start of a line. */
export function aboveComments(text: string, start: number): number {
  let line = start;
  for (let above = lineStart(text, line - 1); line > 0; above = lineStart(text, line - 1)) {
    if (!/^[ \t]*#/.test(text.slice(above, line))) return line;
    line = above;
  }
  return line;
}

/**
 * Passes over the comments that follow the start of a line and belong to a collection of this column: those that stand no
 * further left.
 */
export function belowComments(text: string, start: number, column: number): number {
  let end = start;
  for (let line = start; line < text.length;) {
    const next = lineAfter(text, line + 1);
    const content = text.slice(line, next);
    const comment = /^ *(?=#)/.exec(content)?.[0].length;
    if (comment === undefined ? content.trim() !== '' : comment < column) return end;
    if (comment !== undefined) end = next;
    line = next;
  }
  return end;
}

/** How far from the start of its line this offset is. */
export function columnAt(text: string, offset: number): number {
  return offset - lineStart(text, offset);
}

/** White space from the start of the line to this offset; undefined when something else is there. */
export function indentationBefore(text: string, offset: number): string | undefined {
  const before = text.slice(lineStart(text, offset), offset);
  return /^[ \t]*$/.test(before) ? before : undefined;
}

/** Lines to be inserted at the start of a line, or behind the last one, as text with the line ends that are usual there. */
export function toInsertion(text: string, offset: number, lines: readonly string[]): string {
  const lineEnd = lineEndAt(text, offset);
  const isLineStart = offset === 0 || text[offset - 1] === '\n';
  return lines.map(line => (isLineStart ? line + lineEnd : lineEnd + line)).join('');
}

/** As the line before ends; where there is none, as the first line does. */
export function lineEndAt(text: string, offset: number): string {
  const before = text.lastIndexOf('\n', offset - 1);
  const end = offset === 0 || before === -1 ? text.indexOf('\n') : before;
  return text[end - 1] === '\r' ? '\r\n' : '\n';
}

/** A piece of a text that is replaced by another one; mostly an empty piece. */
export interface TextEdit {
  readonly offset: number;
  /** How many characters go. */
  readonly removed: number;
  readonly text: string;
}

/** The text with these edits, which may not overlap; of two at the same offset the first comes first. */
export function applyEdits(text: string, edits: readonly TextEdit[]): string {
  const parts: string[] = [];
  let position = 0;
  for (const edit of inOrder(edits)) {
    parts.push(text.slice(position, edit.offset), edit.text);
    position = edit.offset + edit.removed;
  }
  parts.push(text.slice(position));
  return parts.join('');
}

/** By offset; those at the same one stay as they are. */
export function inOrder(edits: readonly TextEdit[]): readonly TextEdit[] {
  return edits.toSorted((first, second) => first.offset - second.offset);
}
