import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderChartSchema } from './chart-schema.ts';
import { readChartValues, type ChartValue } from './chart-values.ts';
import { markdownTable } from './markdown-table.ts';

const chart = join(import.meta.dirname, '..', '..', 'charts', 'irsa-webhook');

export function renderValuesSchema(): string {
  return renderChartSchema(readValues());
}

/** The chart's README: what a person writes in README.md.in, and the table of values. */
export function renderChartReadme(): string {
  const text = readFileSync(join(chart, 'README.md.in'), 'utf8');
  const rows = readValues().flatMap(leavesOf);
  return text.replace('@VALUES@', () => markdownTable(['value', 'default', 'meaning'], rows));
}

function readValues(): readonly ChartValue[] {
  return readChartValues(readFileSync(join(chart, 'values.yaml'), 'utf8'));
}

function leavesOf(value: ChartValue): readonly (readonly string[])[] {
  if (value.children !== undefined) return value.children.flatMap(leavesOf);
  return [[`\`${value.path.join('.')}\``, `\`${JSON.stringify(value.default)}\``, value.description]];
}
