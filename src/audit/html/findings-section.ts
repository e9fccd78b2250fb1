import { findingKinds, severities, type Severity } from '../../comparison/finding-kinds.ts';
import type { AuditReport, Finding } from '../report.ts';
import type { AccountAnchors } from './access-section.ts';
import {
  compact,
  counted,
  foldedList,
  html,
  listEnd,
  nothing,
  numberText,
  prose,
  roleName,
  severityMark,
  severityNoun,
  type Markup,
} from './markup.ts';

/** So many workloads are open from the beginning; more would hide how many there are. */
const openedOwners = 8;
/** Names of pods or containers that a finding shows at once; the others are behind a disclosure. */
const shownNames = 6;

/** The findings by what owns the pods, in the report's order: worst first. */
export function findingsSection({ findings }: AuditReport, anchors: AccountAnchors): Markup {
  const groups = ownerGroups(findings);
  const open = groups.length <= openedOwners;
  return html`<section id="findings" aria-labelledby="findings-heading">
    <div class="section-head">
      <h2 id="findings-heading">Findings</h2>
      <p class="section-note">By the workload that owns the pods, worst first.</p>
      ${findingTools}
    </div>
    ${groups.length === 0 ? noFindings : nothing}
    <ol class="owners" id="owner-list" ${groups.length === 0 ? html`hidden` : nothing}>
      ${groups.map(group => compact(ownerItem(group, open, anchors)))}
    </ol>
    ${listEnd('owner-list', 'finding')}
  </section>`;
}

const noFindings = html`<p class="all-well">No findings: every pod in scope runs as its ServiceAccount says.</p>`;

/** At least one finding, all of the same object. */
type OwnerGroup = readonly [Finding, ...(readonly Finding[])];

/** The report keeps those of one object together. */
function ownerGroups(findings: readonly Finding[]): readonly OwnerGroup[] {
  const groups: [Finding, ...Finding[]][] = [];
  for (const finding of findings) {
    const group = groups.at(-1);
    if (group !== undefined && isSameObject(group[0], finding)) group.push(finding);
    else groups.push([finding]);
  }
  return groups;
}

function isSameObject({ object: a }: Finding, { object: b }: Finding): boolean {
  return a.kind === b.kind && a.namespace === b.namespace && a.name === b.name;
}

function ownerItem(group: OwnerGroup, open: boolean, anchors: AccountAnchors): Markup {
  const [{ object, severity }] = group;
  const pods = new Set(group.flatMap(finding => finding.pods)).size;
  const titles = group.map(({ code, severity }) => {
    return html`<li class="${severity}"><b>${code}</b> ${findingKinds[code].title}</li>`;
  });
  return html`<li class="owner" data-namespace="${object.namespace}" data-name="${object.name}" data-pods="${pods}">
<details${open ? html` open` : nothing}><summary>
${severityMark(severity)}
<h3><span class="kind">${object.kind}</span> <span class="object">${object.namespace}/<wbr><b>${object.name}</b></span></h3>
<ul class="titles">${titles}</ul>
<span class="pod-count">${pods === 0 ? '' : counted(pods, 'pod')}</span>
</summary>
${group.map(finding => findingItem(finding, anchors))}
</details></li>
`;
}

function findingItem(finding: Finding, anchors: AccountAnchors): Markup {
  const { code, severity, detail, remedy } = finding;
  const { title, meaning } = findingKinds[code];
  return html`<article class="finding" data-severity="${severity}" data-code="${code}">
    <div class="found">
      <h4>${severityMark(severity)} <a href="#${code}">${code}</a> ${title}</h4>
      <p class="detail">${detail}</p>
      <dl class="facts">${facts(finding, anchors)}</dl>
    </div>
    <div class="advice">
      <p class="meaning">${prose(meaning)}</p>
      <p class="remedy"><b>Remedy</b> ${prose(remedy.text)}</p>
      ${commandBlock(remedy.commands)}
    </div>
  </article>`;
}

function facts(finding: Finding, anchors: AccountAnchors): readonly Markup[] {
  const { object, serviceAccount, role, podRole, containers, pods } = finding;
  const anchor = anchors.of(object.namespace, serviceAccount);
  const name = html`<code>${serviceAccount}</code>`;
  return [
    fact('ServiceAccount', anchor === undefined ? name : html`<a href="#${anchor}">${name}</a>`),
    role === null ? nothing : fact('Role now', roleName(role)),
    podRole === null ? nothing : fact('Pods run as', roleName(podRole)),
    containers.length === 0 ? nothing : fact('Containers', foldedList(nameItems(containers), shownNames)),
    pods.length === 0 ? nothing : fact(`Pods (${numberText(pods.length)})`, foldedList(nameItems(pods), shownNames)),
  ];
}

function fact(term: string, value: Markup): Markup {
  return html`<div>
    <dt>${term}</dt>
    <dd>${value}</dd>
  </div>`;
}

function nameItems(names: readonly string[]): readonly Markup[] {
  return names.map(name => html`<li>${name}</li>`);
}

function commandBlock(commands: readonly string[]): Markup {
  if (commands.length === 0) return nothing;
  const lines = commands.map(command => html`<code>${command}</code>`);
  return html`<pre class="commands" tabindex="0" role="region" aria-label="Commands">${lines}</pre>`;
}

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
const findingTools: Markup = html`<div class="tools" id="finding-tools" hidden>
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
