import { findingKinds, severities } from '../finding-kinds.ts';
import type { AuditReport, Severity } from '../report.ts';
import { numberText, severityNoun } from './display-text.ts';
import { html, type Markup } from './markup.ts';

/** What narrows the page down. Hidden until the script runs, which alone gives it an effect. */
export function filterForm({ findings, accounts, totals }: AuditReport): Markup {
  const codes = [...new Set(findings.map(({ code }) => code))].sort();
  const namespaces = new Set([
    ...findings.map(({ object }) => object.namespace),
    ...accounts.map(({ namespace }) => namespace),
  ]);
  return html`<form id="filter" role="search" aria-label="Filter the report" hidden>
    <div class="filter-row">
      <label class="search"
        ><span class="visually-hidden">Text</span>
        <input
          id="filter-text"
          type="search"
          name="text"
          placeholder="Workload, ServiceAccount, role, pod …"
          autocomplete="off"
          spellcheck="false"
          aria-keyshortcuts="/"
        /><kbd aria-hidden="true">/</kbd></label
      >
      <fieldset>
        <legend class="visually-hidden">Severity</legend>
        ${severities.map(severity => severityBox(severity, totals.findings[severity]))}
      </fieldset>
      <label
        ><span class="visually-hidden">Code</span
        ><select name="code">
          <option value="">All codes</option>
          ${codes.map(code => html`<option value="${code}">${code} ${findingKinds[code].title}</option>`)}
        </select></label
      >
      <label
        ><span class="visually-hidden">Namespace</span
        ><select name="namespace">
          <option value="">All namespaces</option>
          ${[...namespaces].sort().map(name => html`<option value="${name}">${name}</option>`)}
        </select></label
      >
      <button type="reset">Clear</button>
    </div>
    <output id="filter-result" for="filter-text"></output>
  </form>`;
}

function severityBox(severity: Severity, count: number): Markup {
  return html`<label class="toggle ${severity}"
    ><input type="checkbox" name="severity" value="${severity}" checked />
    <span>${severityNoun(severity, 2)} <small>${numberText(count)}</small></span></label
  > `;
}

/** How the findings are shown; of the script too. */
export const findingTools: Markup = html`<div class="tools" id="finding-tools" hidden>
  <label
    >Sort by
    <select id="finding-order">
      <option value="">severity</option>
      <option value="name">name</option>
      <option value="pods">number of pods</option>
    </select></label
  >
  <button type="button" id="open-all">Open all</button><button type="button" id="close-all">Close all</button>
</div>`;

/** Follows a list that the script filters and shortens; `what` are its items. */
export function listEnd(list: string, what: string): Markup {
  return html`<button type="button" class="show-all" data-list="${list}" hidden></button>
    <p class="no-match" data-list="${list}" hidden>No ${what} matches the filter.</p>`;
}
