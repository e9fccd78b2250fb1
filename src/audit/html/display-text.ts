import type { AuditReport, Severity } from '../report.ts';
import { nounFor } from '../../util/text.ts';
import { html, type Markup } from './markup.ts';

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
