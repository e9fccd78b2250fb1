/** Values to compare, in groups: for example a group for each size of review, a bar for each webhook. */
export interface BarChart {
  readonly title: string;
  /** What the height of a bar means, with its unit. */
  readonly axis: string;
  /** Names of the bars of each group, as the legend shows them. */
  readonly series: readonly string[];
  readonly groups: readonly { readonly name: string; readonly values: readonly (number | undefined)[] }[];
}

// Colours that people with any vision tell apart, on light and on dark pages (Okabe and Ito).
const colours = ['#0072B2', '#E69F00', '#009E73', '#CC79A7'] as const;
const width = 640;
const height = 320;
const margin = { left: 56, right: 16, top: 56, bottom: 32 };
const plot = { width: width - margin.left - margin.right, height: height - margin.top - margin.bottom };
const steps = 4;
const textColour = '#6e7781'; // grey that can be read on white and on black

/** The chart as an SVG of its own. */
export function renderBarChart(chart: BarChart): string {
  const largest = Math.max(...chart.groups.flatMap(({ values }) => values.map(value => value ?? 0)));
  const top = roundUp(largest);
  const parts = [
    text(margin.left, 20, 'start', chart.title, 14),
    text(margin.left, 38, 'start', chart.axis, 11),
    ...gridLines(top),
    ...chart.groups.flatMap((group, index) => renderGroup(group, index, chart, top)),
    ...legend(chart.series),
  ];
  const label = escapeXml(`${chart.title}: ${chart.axis}`);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${label}" font-family="system-ui, sans-serif">\n${parts.join('\n')}\n</svg>\n`;
}

/** The next of 1, 2, 2.5, 4, 5 and 10 times a power of ten, so that the steps are round. */
function roundUp(value: number): number {
  if (!(value > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  const factor = [1, 2, 2.5, 4, 5, 10].find(candidate => candidate * power >= value) ?? 10;
  return factor * power;
}

function gridLines(top: number): readonly string[] {
  return Array.from({ length: steps + 1 }, (_, step) => {
    const y = yOf((top * step) / steps, top);
    const line = `<line x1="${margin.left}" x2="${width - margin.right}" y1="${y}" y2="${y}" stroke="${textColour}" stroke-opacity="0.3"/>`;
    return line + text(margin.left - 6, y + 4, 'end', formatNumber((top * step) / steps), 11);
  });
}

function renderGroup(
  { name, values }: BarChart['groups'][number],
  index: number,
  { groups, series }: BarChart,
  top: number,
): readonly string[] {
  const groupWidth = plot.width / groups.length;
  const barWidth = Math.min(48, (groupWidth * 0.7) / series.length);
  const start = margin.left + groupWidth * (index + 0.5) - (barWidth * series.length) / 2;
  const bars = values.map((value, bar) => renderBar(start + bar * barWidth, barWidth, value, bar, top));
  return [...bars, text(margin.left + groupWidth * (index + 0.5), height - 12, 'middle', name, 11)];
}

function renderBar(x: number, barWidth: number, value: number | undefined, bar: number, top: number): string {
  if (value === undefined) return '';
  const y = yOf(value, top);
  const rectangle = `<rect x="${round(x + 1)}" y="${y}" width="${round(barWidth - 2)}" height="${round(margin.top + plot.height - y)}" fill="${colours[bar % colours.length]}"/>`;
  return rectangle + text(round(x + barWidth / 2), y - 4, 'middle', formatNumber(value), 10);
}

function legend(series: readonly string[]): readonly string[] {
  const step = 130;
  return series.map((name, index) => {
    const x = width - margin.right - (series.length - index) * step;
    const square = `<rect x="${x}" y="29" width="10" height="10" fill="${colours[index % colours.length]}"/>`;
    return square + text(x + 14, 38, 'start', name, 11);
  });
}

function yOf(value: number, top: number): number {
  return round(margin.top + plot.height * (1 - value / top));
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function formatNumber(value: number): string {
  return value.toLocaleString('en', { maximumFractionDigits: value < 10 ? 2 : 0 });
}

function text(x: number, y: number, anchor: 'start' | 'middle' | 'end', content: string, size: number): string {
  return `<text x="${x}" y="${y}" font-size="${size}" text-anchor="${anchor}" fill="${textColour}">${escapeXml(content)}</text>`;
}

function escapeXml(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
