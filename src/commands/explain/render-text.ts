import type { Explanation } from '../../explanation/explanation.ts';
import { explanationSections, type Line, type Mark, type Section } from '../../explanation/explanation-sections.ts';
import type { Style } from '../../terminal/style.ts';

export interface TextLook {
  readonly style: Style;
  /** Whether the reader's terminal shows more than ASCII. */
  readonly unicode: boolean;
}

/** The explanation for a person: a column of steps, and behind each what it came to. */
export function renderText(explanation: Explanation, look: TextLook): string {
  const sections = explanationSections(explanation);
  const lines = sections.flatMap(section => [
    ...(section.title === 'Verdict' ? [''] : []),
    ...renderSection(section, look),
  ]);
  return `${[renderTitle(explanation, look), '', ...lines].join('\n')}\n`;
}

function renderTitle({ subject }: Explanation, { style }: TextLook): string {
  const { kind, namespace, name, source } = subject;
  const title = style('bold', visible(`${kind} ${namespace}/${name === '' ? '(no name)' : name}`));
  return source === undefined ? title : `${title}  ${style('dim', visible(source))}`;
}

/** The longest title and two spaces. */
const titleWidth = 12;
const gap = '  ';
/** A column does not push the next one farther than this. */
const maxColumnWidth = 64;

function renderSection({ title, lines }: Section, look: TextLook): readonly string[] {
  return lines.map((line, index) => {
    const head = index === 0 ? look.style('bold', title.padEnd(titleWidth)) : ' '.repeat(titleWidth);
    const widths = widthsOf(lines.filter(({ depth }) => depth === line.depth));
    return `${head}${'  '.repeat(line.depth)}${renderMark(line.mark, look)} ${renderCells(line, widths, look)}`.trimEnd();
  });
}

function widthsOf(lines: readonly Line[]): readonly number[] {
  const columns = Math.max(...lines.map(({ cells }) => cells.length));
  return Array.from({ length: columns }, (_, column) => {
    const widths = lines.map(({ cells }) => (column < cells.length - 1 ? widthOf(cells[column] ?? '') : 0));
    return Math.min(maxColumnWidth, Math.max(...widths));
  });
}

function widthOf(text: string): number {
  return Array.from(visible(text)).length;
}

/** The first cell of several names something; the third says where the second comes from. */
function renderCells({ cells, mark }: Line, widths: readonly number[], { style }: TextLook): string {
  return cells
    .map((cell, column) => {
      const text = visible(cell);
      const padding = column < cells.length - 1 ? ' '.repeat(Math.max(0, (widths[column] ?? 0) - widthOf(cell))) : '';
      const shown = column === 2 ? style('dim', text) : mark === 'command' ? style('cyan', text) : text;
      return `${shown}${padding}`;
    })
    .join(gap);
}

interface Symbol {
  readonly unicode: string;
  readonly ascii: string;
  readonly colour: Parameters<Style>[0];
}

const symbols: { readonly [mark in Mark]: Symbol } = {
  yes: { unicode: '✓', ascii: '*', colour: 'green' },
  no: { unicode: '✗', ascii: 'x', colour: 'red' },
  warn: { unicode: '‼', ascii: '!', colour: 'yellow' },
  none: { unicode: '·', ascii: '-', colour: 'dim' },
  add: { unicode: '+', ascii: '+', colour: 'green' },
  keep: { unicode: '=', ascii: '=', colour: 'cyan' },
  command: { unicode: '$', ascii: '$', colour: 'dim' },
};

function renderMark(mark: Mark, { style, unicode }: TextLook): string {
  const symbol = symbols[mark];
  return style(symbol.colour, unicode ? symbol.unicode : symbol.ascii);
}

/** Names come from manifests: nothing in them may act on the terminal or reorder the line. */
function visible(text: string): string {
  return text.replaceAll(/\p{C}/gu, character => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}
