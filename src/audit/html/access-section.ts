import type { AuditedAccount } from '../report.ts';
import {
  compact,
  foldedList,
  html,
  lifetimeText,
  listEnd,
  nothing,
  numberText,
  roleName,
  type Markup,
} from './markup.ts';

/** ServiceAccounts that a role shows at once; the others are behind a disclosure. */
const shownAccounts = 8;

/** Where on the page a ServiceAccount is. */
export interface AccountAnchors {
  /** The id of its row, undefined when it has no identity. */
  of(namespace: string, name: string): string | undefined;
}

/** Ids are numbers of rows: a name may hold what an id or a link may not. */
export function accountAnchors(accounts: readonly AuditedAccount[]): AccountAnchors {
  const rows = new Map<string, string>();
  for (const [row, { namespace, name }] of accounts.entries()) {
    const key = JSON.stringify([namespace, name]);
    if (!rows.has(key)) rows.set(key, accountId(row));
  }
  return { of: (namespace, name) => rows.get(JSON.stringify([namespace, name])) };
}

function accountId(row: number): string {
  return `account-${row + 1}`;
}

function roleId(index: number): string {
  return `role-${index + 1}`;
}

/** Who may assume which role: from ServiceAccount to role, and back. */
export function accessSection(accounts: readonly AuditedAccount[]): Markup {
  const roles = rolesOf(accounts);
  const idOfRole = new Map(roles.map(({ role }, index) => [role, roleId(index)]));
  return html`<section id="access" aria-labelledby="access-heading">
    <div class="section-head">
      <h2 id="access-heading">Who may assume which role</h2>
      <p class="section-note">What the cluster gives. Whether AWS agrees is in the trust policy of the role.</p>
    </div>
    ${accounts.length === 0 ? noAccounts : html`${accountTable(accounts, idOfRole)}${roleTable(roles)}`}
  </section>`;
}

const noAccounts = html`<p class="none">No ServiceAccount in scope has an AWS identity.</p>`;

interface AccessTable {
  readonly caption: string;
  /** Of the two columns before the number of pods. */
  readonly headings: readonly [string, string];
  /** Id of the body, whose rows are sorted and filtered. */
  readonly id: string;
  /** What one row is about. */
  readonly what: string;
  /** Without needless white space: there may be thousands. */
  readonly rows: readonly Markup[];
}

function accessTable({ caption, headings, id, what, rows }: AccessTable): Markup {
  return html`<table>
      <caption>
        ${caption}
      </caption>
      <thead>
        <tr>
          ${headings.map(heading => html`<th scope="col">${heading}</th>`)}
          <th scope="col" class="number">Running pods</th>
        </tr>
      </thead>
      <tbody id="${id}" data-what="${what}">
        ${rows}
      </tbody>
    </table>
    ${listEnd(id, what)}`;
}

function accountTable(accounts: readonly AuditedAccount[], idOfRole: ReadonlyMap<string, string>): Markup {
  return accessTable({
    caption: 'From ServiceAccount to role',
    headings: ['ServiceAccount', 'May assume'],
    id: 'account-rows',
    what: 'ServiceAccount',
    rows: accounts.map((account, row) => compact(accountRow(account, row, idOfRole))),
  });
}

function accountRow(account: AuditedAccount, row: number, idOfRole: ReadonlyMap<string, string>): Markup {
  const { namespace, name, role, assumable, exists, pods } = account;
  const assumed =
    role === null
      ? html`The role of its EKS Pod Identity association`
      : assumable
        ? html`<a href="#${idOfRole.get(role) ?? ''}">${roleName(role)}</a>`
        : html`Nothing: <code>${role}</code> is not the ARN of a role`;
  return html`<tr id="${accountId(row)}" data-namespace="${namespace}">
    <th scope="row">
      <span class="object">${namespace}/<wbr /><b>${name}</b></span
      >${exists ? nothing : missing}
    </th>
    <td data-value="${role ?? ''}">${assumed} <span class="meta">${identityText(account)}</span></td>
    <td class="number" data-value="${pods}">${numberText(pods)}</td>
  </tr> `;
}

const missing = html` <span class="meta">does not exist</span>`;

const sourceWords: { readonly [source in AuditedAccount['source']]: string } = {
  annotation: 'Annotation',
  mapping: 'Mapping ConfigMap',
  association: 'Associations file',
  pods: 'Concluded from its pods',
};

function identityText({ source, audience, expirationSeconds }: AuditedAccount): string {
  return `${sourceWords[source]} · token for ${audience}, ${lifetimeText(expirationSeconds)}`;
}

interface RoleUse {
  readonly role: string;
  readonly users: readonly Markup[];
  readonly pods: number;
}

function rolesOf(accounts: readonly AuditedAccount[]): readonly RoleUse[] {
  const rows = Map.groupBy(
    accounts.map((account, row) => ({ ...account, row })),
    ({ role }) => role,
  );
  return [...rows]
    .flatMap(([role, users]) => (role === null || users.some(({ assumable }) => !assumable) ? [] : [{ role, users }]))
    .sort((a, b) => (a.role < b.role ? -1 : 1))
    .map(({ role, users }) => ({
      role,
      users: users.map(
        ({ namespace, name, row }) =>
          html`<li data-namespace="${namespace}">
            <a href="#${accountId(row)}">${namespace}/<wbr />${name}</a>
          </li>`,
      ),
      pods: users.reduce((sum, { pods }) => sum + pods, 0),
    }));
}

function roleTable(roles: readonly RoleUse[]): Markup {
  if (roles.length === 0) return nothing;
  return accessTable({
    caption: 'From role to ServiceAccounts',
    headings: ['Role', 'Assumed by'],
    id: 'role-rows',
    what: 'role',
    rows: roles.map((role, index) => compact(roleRow(role, index))),
  });
}

function roleRow({ role, users, pods }: RoleUse, index: number): Markup {
  return html`<tr id="${roleId(index)}">
    <th scope="row" data-value="${role}">${roleName(role)}</th>
    <td data-value="${users.length}">
      ${users.length > 1 ? html`<span class="meta">${numberText(users.length)} ServiceAccounts</span>` : nothing}
      ${foldedList(users, shownAccounts)}
    </td>
    <td class="number" data-value="${pods}">${numberText(pods)}</td>
  </tr> `;
}
