/** One value of a page of metrics. */
export interface Sample {
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly value: number;
}

const sampleLine = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? ([^ ]+)/;
const labelPair = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"/g;

/**
 * Reads one line of Prometheus' text format; undefined for comments and for what is no sample.
 * https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
 */
export function parseSample(line: string): Sample | undefined {
  const match = sampleLine.exec(line);
  if (match === null) return undefined;
  const [, name = '', labels = '', value = ''] = match;
  const pairs = Array.from(labels.matchAll(labelPair), ([, label = '', text = '']) => [label, unescape(text)] as const);
  return { name, labels: new Map(pairs), value: Number(value) };
}

function unescape(text: string): string {
  return text.replaceAll(/\\(.)/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped));
}
