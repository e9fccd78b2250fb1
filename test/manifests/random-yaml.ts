import { isArray, isObject } from '../../src/util/json.ts';

/** How a text may be written. */
export interface RandomStyle {
  /** Whole numbers below the bound. */
  readonly pick: (bound: number) => number;
  /** Whether lists and objects may be in brackets and braces. */
  readonly flow: boolean;
  /** Whether empty lists and null may be written in a word. */
  readonly words: boolean;
  readonly lineEnd: '\n' | '\r\n';
}

/** A value as YAML in whatever way people and tools write it. */
export function toRandomYaml(value: unknown, style: RandomStyle): string {
  const { pick, lineEnd } = style;
  const lines = [
    ...['# a comment', '%YAML 1.1', '', '---'].slice(pick(5)),
    ...blockLines(value, style),
    ...['...', '# the end'].slice(pick(3)),
  ];
  // A directive needs the marker of a document behind it.
  const text = lines.join(lineEnd) + ['', lineEnd, lineEnd + lineEnd][pick(3)];
  return pick(8) === 0 ? `\uFEFF${text}` : text;
}

/** Lines without indentation. */
function blockLines(value: unknown, style: RandomStyle): readonly string[] {
  if (isArray(value) && value.length > 0)
    return value.flatMap(entry => [...comments(style), ...entryLines(entry, style)]);
  if (isObject(value) && Object.keys(value).length > 0) {
    return Object.entries(value).flatMap(([key, field]) => [...comments(style), ...fieldLines(key, field, style)]);
  }
  return [inline(value, style)];
}

function entryLines(entry: unknown, style: RandomStyle): readonly string[] {
  const blanks = ' '.repeat(1 + style.pick(3));
  if (!isNested(entry) || useFlow(style)) return [`-${blanks}${inline(entry, style)}${trailing(style)}`];
  const [first = '', ...rest] = blockLines(entry, {
    ...style,
    pick: bound => (bound === commentBound ? 1 : style.pick(bound)),
  });
  return [`-${blanks}${first}`, ...rest.map(line => indent(line, 1 + blanks.length))];
}

function fieldLines(key: string, field: unknown, style: RandomStyle): readonly string[] {
  const { pick } = style;
  const name = [key, JSON.stringify(key), `'${key}'`, `${key} `][pick(10)] ?? key;
  if (field === null && !style.words) return [`${name}:${trailing(style)}`];
  if (typeof field === 'string' && /^[a-z]+\n$/.test(field))
    return [`${name}: ${['|', '>'][pick(2)]}`, `  ${field.trimEnd()}`];
  if (!isNested(field) || useFlow(style)) return [`${name}: ${inline(field, style)}${trailing(style)}`];
  const width = isArray(field) ? [0, 2, 4, 1][pick(4)] : [2, 4, 1, 7][pick(4)];
  const anchor = pick(10) === 0 ? ` &a${pick(1000)}` : '';
  return [`${name}:${anchor}${trailing(style)}`, ...blockLines(field, style).map(line => indent(line, width ?? 2))];
}

/** Asked for by this bound alone, so that it can be answered apart. */
const commentBound = 9;

function comments({ pick }: RandomStyle): readonly string[] {
  return pick(commentBound) === 0 ? [['# a comment: here', '', '#no blank', '#'][pick(4)] ?? ''] : [];
}

function trailing({ pick }: RandomStyle): string {
  return [' # why', '  ', '   # - name: none'][pick(12)] ?? '';
}

function indent(line: string, width: number): string {
  return line === '' ? line : ' '.repeat(width) + line;
}

function isNested(value: unknown): boolean {
  return (isArray(value) && value.length > 0) || (isObject(value) && Object.keys(value).length > 0);
}

function useFlow({ flow, pick }: RandomStyle): boolean {
  return flow && pick(5) === 0;
}

/** In one line, but for brackets, which may hold line ends. */
function inline(value: unknown, style: RandomStyle): string {
  const { pick } = style;
  const blank = ['', ' '][pick(2)] ?? '';
  if (isArray(value)) {
    if (value.length === 0) return '[]';
    return `[${blank}${value.map(entry => inline(entry, style)).join(', ')}${['', ','][pick(2)]}${blank}]`;
  }
  if (isObject(value)) {
    const fields = Object.entries(value).map(([key, field]) => {
      const name = [key, JSON.stringify(key)][pick(2)] ?? key;
      if (field === null && !style.words) return `${name}${['', ':', ': '][pick(3)]}`;
      return `${name}: ${inline(field, style)}`;
    });
    return `{${blank}${fields.join(`,${blank}`)}${blank}}`;
  }
  if (value === null) return ['null', '~', 'Null', 'NULL'][pick(4)] ?? 'null';
  if (typeof value !== 'string') return JSON.stringify(value);
  const isPlain = /^[a-z][a-z0-9/]*$/.test(value) && !/^(?:y|n|yes|no|on|off|true|false|null)$/.test(value);
  return isPlain ? ([value, `'${value}'`, JSON.stringify(value)][pick(3)] ?? value) : JSON.stringify(value);
}
