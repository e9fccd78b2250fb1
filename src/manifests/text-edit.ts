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
