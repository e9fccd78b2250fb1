/** Text that is HTML already. Only `html` and `trusted` make it, so nothing reaches the page unescaped by oversight. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** What a template takes: text, which it escapes, and markup, which it takes as it is. */
export type Content = string | number | Markup | readonly Markup[];

/** A piece of a page. Every value is escaped but markup, so names that somebody else chose are only ever text. */
export function html(pieces: TemplateStringsArray, ...values: readonly Content[]): Markup {
  return new Markup(pieces.reduce((text, piece, index) => text + contentText(values[index - 1] ?? '') + piece));
}

/** The same page part without a value of somebody else: a style sheet or a script of ours. */
export function trusted(text: string): Markup {
  return new Markup(text);
}

export const nothing: Markup = trusted('');

/** Longest text of somebody else that the page repeats: more than any valid name or role has. The JSON report has it all. */
const maxCharacters = 1024;

/** Without the indentation of its templates, a quarter of a large page. No value holds a line break: it would be escaped. */
export function compact({ text }: Markup): Markup {
  return new Markup(text.replaceAll(/\n\s+/g, '\n'));
}

function contentText(content: Content): string {
  if (content instanceof Markup) return content.text;
  if (typeof content === 'object') return content.map(({ text }) => text).join('');
  return escapeText(String(content));
}

function escapeText(text: string): string {
  const rest = text.length - maxCharacters;
  const shown = rest > 0 ? `${text.slice(0, maxCharacters)}… (${rest} more characters)` : text;
  return shown.replaceAll(special, escapeCharacter);
}

/**
 * Beside HTML's own characters those that show nothing or turn the text around them: controls, format characters such as
 * U+202E, separators of lines and halves of surrogate pairs. https://www.unicode.org/reports/tr36/#Bidirectional_Text_Spoofing
 */
const special = /[&<>"'\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

const entities: ReadonlyMap<string, string> = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ["'", '&#39;'],
]);

function escapeCharacter(character: string): string {
  return entities.get(character) ?? `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}
