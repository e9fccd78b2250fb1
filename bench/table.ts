/** A table in plain text: the first `textColumns` columns to the left, the rest, which are numbers, to the right. */
export function formatTable(
  titles: readonly string[],
  rows: readonly (readonly string[])[],
  textColumns: number,
): string {
  const widths = titles.map((title, column) => Math.max(title.length, ...rows.map(row => (row[column] ?? '').length)));
  const line = (cells: readonly string[]): string => {
    const padded = widths.map((width, column) => {
      const cell = cells[column] ?? '';
      return column < textColumns ? cell.padEnd(width) : cell.padStart(width);
    });
    return padded.join('  ').trimEnd();
  };
  return [line(titles), line(widths.map(width => '-'.repeat(width))), ...rows.map(line)].join('\n');
}
