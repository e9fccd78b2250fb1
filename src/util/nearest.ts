/** Longer names are no slips of the pen, and the comparison takes time with the product of the lengths. */
const maxCharacters = 64;

/** The candidate that was probably meant: the one that differs least, if that is at most a letter in three and three in all. */
export function nearest(name: string, candidates: readonly string[]): string | undefined {
  if (name.length > maxCharacters) return undefined;
  const limit = Math.min(3, Math.floor(name.length / 3));
  let best: { readonly candidate: string; readonly distance: number } | undefined;
  for (const candidate of candidates) {
    const distance = editDistance(normalize(name), normalize(candidate));
    if (distance <= limit && distance < (best?.distance ?? Infinity)) best = { candidate, distance };
  }
  return best?.candidate;
}

/** Case, and a dash for an underscore, make no difference to what somebody meant. */
function normalize(name: string): string {
  return name.toLowerCase().replaceAll('_', '-');
}

/** Letters to insert, delete or replace to make one of the other (Levenshtein). */
function editDistance(from: string, to: string): number {
  let previous = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const replaced = (previous[column - 1] ?? 0) + (from[row - 1] === to[column - 1] ? 0 : 1);
      const deleted = (previous[column] ?? 0) + 1;
      const inserted = (current[column - 1] ?? 0) + 1;
      current.push(Math.min(replaced, deleted, inserted));
    }
    previous = current;
  }
  return previous.at(-1) ?? 0;
}
