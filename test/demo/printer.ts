import { stripVTControlCharacters, styleText } from 'node:util';
import type { DiffLine } from './pod-diff.ts';

/** Evidence is broken there, so that it reads well in a terminal and in a README. */
const maxColumns = 110;
const indent = '   ';

/** Numbered steps and their evidence on standard output. */
export interface Printer {
  title(text: string): void;
  /** What is done, in plain words. */
  step(text: string): void;
  /** Its evidence; long lines are broken between words. */
  say(text: string): void;
  /** Names and values below each other. */
  table(rows: readonly (readonly [name: string, value: string])[]): void;
  diff(lines: readonly DiffLine[]): void;
}

/** Colours only where they are wanted: not in a pipe, and not with NO_COLOR. */
export function createPrinter(stream: NodeJS.WriteStream): Printer {
  let steps = 0;
  const print = (line: string): void => void stream.write(`${line}\n`);
  const style = (format: Parameters<typeof styleText>[0], text: string): string => styleText(format, text, { stream });
  const say = (text: string): void => {
    for (const line of wrap(text, maxColumns - indent.length)) print(indent + line);
  };
  const diffStyles = {
    added: (text: string) => style('green', `+ ${text}`),
    removed: (text: string) => style('red', `- ${text}`),
    same: (text: string) => `  ${text}`,
    gap: () => style('dim', '  ...'),
  };
  return {
    title: text => print(style('bold', text)),
    step(text) {
      steps += 1;
      print(`\n${style(['bold', 'cyan'], `${steps}. ${text}`)}`);
    },
    say,
    table(rows) {
      const nameLength = Math.max(...rows.map(([name]) => name.length));
      for (const [name, value] of rows) say(`${style('dim', name.padEnd(nameLength))}  ${value}`);
    },
    diff(lines) {
      for (const { kind, text } of lines) print(indent + diffStyles[kind](text));
    },
  };
}

function wrap(text: string, columns: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/(?<=\S) /)) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && stripVTControlCharacters(longer).length > columns) {
      lines.push(line);
      line = `  ${word}`;
    } else line = longer;
  }
  return [...lines, line];
}
