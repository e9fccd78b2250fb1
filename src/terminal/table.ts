import { stripVTControlCharacters } from 'node:util';
import { unicodeEscape } from '../util/text.ts';

/** Rows as kubectl shows them: headers in capitals, columns three spaces apart, no trailing space. */
export function formatTable(headers: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = (headers.length === 0 ? rows : [headers, ...rows]).map(cells => cells.map(onOneLine));
  const widths = (lines[0] ?? []).map((_, column) => Math.max(...lines.map(line => widthOf(line[column] ?? ''))));
  return lines.map(line => `${formatLine(line, widths)}\n`).join('');
}

/** A cell of somebody else's text keeps its row and its column. */
function onOneLine(cell: string): string {
  return cell.replaceAll(/[\t\n\r]/g, unicodeEscape);
}

const gap = '   ';

function formatLine(cells: readonly string[], widths: readonly number[]): string {
  return cells
    .map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - widthOf(cell)))
    .join(gap)
    .trimEnd();
}

/** Code points, without the escape sequences that colour a cell. */
function widthOf(cell: string): number {
  return Array.from(stripVTControlCharacters(cell)).length;
}
