import { nounFor } from '../../util/text.ts';
import type { Severity } from '../../comparison/finding-kinds.ts';
import type { AuditReport } from '../report.ts';

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

const severityWords: { readonly [severity in Severity]: string } = {
  error: 'Error',
  warning: 'Warning',
  info: 'Info',
};

const severityPlurals: { readonly [severity in Severity]: string } = {
  error: 'errors',
  warning: 'warnings',
  info: 'info',
};

/** `1 pod`, `1,204 pods`. */
export function counted(count: number, one: string, many?: string): string {
  return `${numberText(count)} ${nounFor(count, one, many)}`;
}

/** `errors`, or `error` when it is one. */
export function severityNoun(severity: Severity, count: number): string {
  return count === 1 ? severityWords[severity].toLowerCase() : severityPlurals[severity];
}

/** With a comma between thousands. */
export function numberText(count: number): string {
  // A large report has a hundred thousand numbers, for which `toLocaleString` takes seconds.
  return String(count).replaceAll(/\B(?=(?:\d{3})+$)/g, ',');
}

export function severityMark(severity: Severity): Markup {
  return html`<span class="mark ${severity}">${severityWords[severity]}</span>`;
}

/** Code between backticks, as the texts of `finding-kinds.ts` have it, becomes `<code>`. */
export function prose(text: string): readonly Markup[] {
  return text.split('`').map((piece, index) => (index % 2 === 0 ? html`${piece}` : html`<code>${piece}</code>`));
}

/** The name alone stands out; the rest of an ARN is the same for most roles. */
export function roleName(role: string): Markup {
  const end = role.lastIndexOf('/') + 1;
  if (!role.startsWith('arn:') || end === 0) return html`<code class="arn">${role}</code>`;
  return html`<code class="arn"><span>${role.slice(0, end)}</span>${role.slice(end)}</code>`;
}

/** A lifetime in the unit that divides it: `24 h`, `90 min`, `3601 s`. */
export function lifetimeText(seconds: number): string {
  if (seconds % 3_600 === 0) return `${seconds / 3_600} h`;
  return seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`;
}

/** `2026-11-24 09:51 UTC`; a text that is no such time stays as it is. */
export function timeText(time: string): string {
  return time.replace(/^(\d{4}-\d\d-\d\d)T(\d\d:\d\d).*Z$/, '$1 $2 UTC');
}

export function sourceText({ source }: AuditReport): string {
  if (source.kind === 'cluster') return source.server;
  return source.paths.map(path => (path === '-' ? 'standard input' : path)).join(', ');
}

/** List items, the first as they are, the others behind a disclosure that works without a script. */
export function foldedList(items: readonly Markup[], shown: number): Markup {
  const rest = items.slice(shown);
  // A disclosure takes as much room as the one that it would hide.
  if (rest.length <= 1) return nameList(items);
  return html`${nameList(items.slice(0, shown))}
    <details class="rest">
      <summary>${numberText(rest.length)} more</summary>
      ${nameList(rest)}
    </details>`;
}

function nameList(items: readonly Markup[]): Markup {
  return html`<ul class="names">
    ${items}
  </ul>`;
}

/** Follows a list that the script filters and shortens; `what` are its items. */
export function listEnd(list: string, what: string): Markup {
  return html`<button type="button" class="show-all" data-list="${list}" hidden></button>
    <p class="no-match" data-list="${list}" hidden>No ${what} matches the filter.</p>`;
}
