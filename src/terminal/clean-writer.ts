import { Writable } from 'node:stream';
import { unicodeEscape } from '../util/text.ts';

/** What a terminal obeys, editors take for the end of a line, or turns the order of the text around it; not tab and line feed. */
const unsafe = '[\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069]';

const unsafeCharacters = new RegExp(unsafe, 'g');

/** The same, and before it the sequences of `Style`: its colours, bold, dim, and their ends (ECMA-48, SGR). */
const unsafeOrColour = new RegExp(`\\u001b\\[(?:1|2|22|31|32|33|36|39)m|${unsafe}`, 'g');

/**
 * Writes text to another stream. Names, annotations and messages in it are somebody else's, so it escapes what a terminal
 * would obey: `\u001b` instead of the character. Colours pass once a `Style` writes them. It keeps no text back.
 */
export class CleanWriter extends Writable {
  readonly #target: Writable;
  #pattern = unsafeCharacters;

  constructor(target: Writable) {
    super();
    this.#target = target;
  }

  /** True when a person reads the other stream as it is written. */
  get isTTY(): boolean {
    return 'isTTY' in this.#target && this.#target.isTTY === true;
  }

  /** Columns of the terminal; undefined where there is none. */
  get columns(): number | undefined {
    return 'columns' in this.#target && typeof this.#target.columns === 'number' ? this.#target.columns : undefined;
  }

  /** Lets the colours of a `Style` pass from now on. */
  passColours(): void {
    this.#pattern = unsafeOrColour;
  }

  override write(chunk: unknown, second?: unknown, third?: unknown): boolean {
    const done = [second, third].find(isCallback);
    return this.#target.write(this.#clean(String(chunk)), error => done?.(error));
  }

  /** Writes a sequence that moves the cursor, which is ours. */
  writeControl(sequence: string): void {
    this.#target.write(sequence);
  }

  #clean(text: string): string {
    // Nearly no text holds any, and replacing costs more than looking.
    if (text.search(this.#pattern) === -1) return text;
    return text.replaceAll(this.#pattern, found => (found.length > 1 ? found : unicodeEscape(found)));
  }
}

function isCallback(value: unknown): value is (error: Error | null | undefined) => void {
  return typeof value === 'function';
}
