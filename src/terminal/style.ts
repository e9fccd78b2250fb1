import { styleText } from 'node:util';
import type { Writable } from 'node:stream';
import { CleanWriter } from './clean-writer.ts';

/** Colours what a command writes to one stream. */
export interface Style {
  (colour: 'red' | 'yellow' | 'green' | 'cyan' | 'bold' | 'dim', text: string): string;
}

export type ColourChoice = 'auto' | 'always' | 'never';

/**
 * Returns what colours by `--color`; `auto` colours on a terminal only, and heeds NO_COLOR and FORCE_COLOR.
 * https://no-color.org
 */
export function createStyle(
  choice: ColourChoice,
  stream: Writable,
  environment: { readonly [name: string]: string | undefined },
): Style {
  if (!usesColour(choice, stream, environment)) return (_, text) => text;
  if (stream instanceof CleanWriter) stream.passColours();
  return (colour, text) => styleText(colour, text, { validateStream: false });
}

function usesColour(
  choice: ColourChoice,
  stream: Writable,
  environment: { readonly [name: string]: string | undefined },
): boolean {
  if (choice !== 'auto') return choice === 'always';
  if ((environment['NO_COLOR'] ?? '') !== '') return false;
  const force = environment['FORCE_COLOR'];
  if (force !== undefined) return force !== '0' && force !== 'false';
  return isTerminal(stream) && environment['TERM'] !== 'dumb';
}

/** True when a person reads this stream as it is written. */
export function isTerminal(stream: Writable): boolean {
  return 'isTTY' in stream && stream.isTTY === true;
}
