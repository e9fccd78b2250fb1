/** The names in a `skip-containers` or `include-containers` annotation, or why they cannot be read. */
export type ContainerNames =
  | { readonly kind: 'names'; readonly names: ReadonlySet<string> }
  | { readonly kind: 'malformed'; readonly detail: string };

/**
 * A field of a CSV record with the comma or the end behind it; quotes inside quotes are doubled. No character can be taken
 * by two of its parts: `[ \t]*` around the bare form as well took quadratic time for white space before a stray quote.
 */
const csvField = /(?:[ \t]*"(?<quoted>[^"]*(?:""[^"]*)*)"[ \t]*|(?<bare>[^",]*))(?<end>,|$)/y;

/**
 * Reads the first line as one CSV record, as Go's `encoding/csv` does for the AWS webhook, but trims the names, which AWS
 * does not: `a, b` means both (E107). An empty value names nothing.
 */
export function parseContainerNames(text: string): ContainerNames {
  const line = text.trim().split(/\r?\n/, 1)[0] ?? '';
  const names = new Set<string>();
  const field = new RegExp(csvField);
  for (;;) {
    const at = field.lastIndex;
    const groups = field.exec(line)?.groups;
    if (groups === undefined) return { kind: 'malformed', detail: `a stray quote at character ${at + 1}` };
    const name = (groups['quoted']?.replaceAll('""', '"') ?? groups['bare'] ?? '').trim();
    if (name !== '') names.add(name);
    if (groups['end'] !== ',') return { kind: 'names', names };
  }
}
