import type { ServiceAccountReference } from '../admission/identity-source.ts';
import { comparePod, findInAccount, type Comparison } from '../comparison/compare-pod.ts';
import { podFinding, type PodFinding } from '../comparison/pod-finding.ts';
import { ownerOf } from './owner.ts';
import type { ObjectReference } from '../comparison/remedy.ts';
import { accountOfPod, readRunningPod, type RunningPod } from '../comparison/running-pod.ts';
import type { Identity } from '../identity/identity.ts';
import { resolveIdentity, type IdentityInputs } from '../identity/resolve.ts';
import { roleArnProblem } from '../identity/role-arn.ts';
import type { InjectionSettings } from '../injection/settings.ts';
import { textAt, type JsonObject } from '../util/json.ts';
import { FindingGroups, isSuppressed, type FindingSubject, type Suppression } from './finding-groups.ts';
import type { AuditedAccount, AuditReport, ReportScope, ReportSource, ReportTotals } from './report.ts';

/** The ServiceAccounts of one moment. */
export interface AuditAccounts {
  has(account: ServiceAccountReference): boolean;
  /** All that the decision about this account rests on. */
  inputsOf(account: ServiceAccountReference): IdentityInputs;
  /** Those to look at whether or not a pod uses them; of them those without an identity are passed over. */
  names(): Iterable<ServiceAccountReference>;
}

export interface AuditOptions {
  readonly accounts: AuditAccounts;
  /** Whether the associations are known; else they are concluded from pods. */
  readonly associationsKnown: boolean;
  readonly injection: InjectionSettings;
  readonly source: ReportSource;
  readonly scope: ReportScope;
  readonly suppressions: readonly Suppression[];
}

/** What is known beside a pod, once it has been looked for. */
export interface PodContext {
  /** True when an account that is not known does not exist. */
  readonly accountsAreComplete?: boolean;
  /** What the pod was created from; null where it has been looked for in vain. */
  readonly template?: JsonObject | null;
}

/** What has to be looked for before a pod can be counted. */
export type Wanted =
  | { readonly kind: 'account'; readonly account: ServiceAccountReference }
  /** The template says whether a restart changes what was found. */
  | { readonly kind: 'template' };

/** Takes running pods one by one and keeps only what it counts and finds, so that their number is no matter. */
export class Audit {
  readonly #options: AuditOptions;
  readonly #groups = new FindingGroups();
  readonly #suppressed = new FindingGroups();
  readonly #usage = new AccountUsage();
  /** `namespace/name` of the accounts that pods use. */
  readonly #used = new Set<string>();
  #pods = 0;
  #podsWithIdentity = 0;
  #podsSkipped = 0;
  #podsNotJudged = 0;
  #podsLackingIdentity = 0;
  #podsWithFindings = 0;

  constructor(options: AuditOptions) {
    this.#options = options;
  }

  /** Pods counted so far, for whoever waits. */
  get pods(): number {
    return this.#pods;
  }

  get podsNotJudged(): number {
    return this.#podsNotJudged;
  }

  /**
   * Looks at a pod as the API server stores it, unless it has ended. Where something has to be looked for first, returns that
   * and counts nothing: look for it, and hand the pod in again with what was found.
   */
  addPod(object: JsonObject, context: PodContext = {}): Wanted | undefined {
    if (!isRunning(object)) return undefined;
    const { accounts, injection } = this.#options;
    const running = readRunningPod(object, injection);
    if (running === undefined) {
      this.#skip(accountOfPod(object));
      return undefined;
    }
    const { account } = running;
    if (context.accountsAreComplete !== true && !accounts.has(account)) return { kind: 'account', account };
    const comparison = this.#compare(running, context.template ?? undefined);
    if (comparison.needsTemplate && context.template === undefined) return { kind: 'template' };
    this.#count(object, comparison);
    return undefined;
  }

  #compare(running: RunningPod, template: JsonObject | undefined): Comparison {
    const { accounts, associationsKnown, injection } = this.#options;
    const inputs = accounts.inputsOf(running.account);
    return comparePod(running, { inputs, annotations: undefined, associationsKnown, template, injection });
  }

  /** Counts a pod about which nothing can be said. */
  addNotJudged(): void {
    this.#pods += 1;
    this.#podsNotJudged += 1;
  }

  /** The pod may use the account's role by means of its own. */
  #skip({ namespace, name }: ServiceAccountReference): void {
    this.#pods += 1;
    this.#podsSkipped += 1;
    this.#used.add(`${namespace}/${name}`);
  }

  #count(object: JsonObject, comparison: Comparison): void {
    const { account, identity, associationSeen, passedOver, findings } = comparison;
    this.#pods += 1;
    this.#used.add(`${account.namespace}/${account.name}`);
    if (identity !== undefined) {
      this.#podsWithIdentity += 1;
      const exists = this.#options.accounts.has(account);
      this.#usage.add({ account, identity, exists, associationSeen, pods: 1 });
    }
    if (passedOver) this.#podsSkipped += 1;
    if (findings.some(lacksIdentity)) this.#podsLackingIdentity += 1;
    const owner = ownerOf(object, account.namespace);
    const pod = textAt(object, 'metadata', 'name') ?? '';
    const subject = { serviceAccount: account.name, role: identity === undefined ? null : roleOf(identity) };
    const kept = findings.filter(finding => {
      const isAccount = finding.concerns === 'account';
      return this.#add(finding, { ...subject, object: isAccount ? accountObject(account) : owner }, pod);
    });
    if (kept.some(({ severity }) => severity !== 'info')) this.#podsWithFindings += 1;
  }

  /** True unless it is suppressed. */
  #add(finding: PodFinding, subject: FindingSubject, pod: string | undefined): boolean {
    const suppressed = isSuppressed(this.#options.suppressions, finding.code, subject.object);
    (suppressed ? this.#suppressed : this.#groups).add(finding, subject, pod);
    return !suppressed;
  }

  /** The report, once every pod has been handed in. */
  finish(generatedAt: string): AuditReport {
    this.#addAccounts();
    const { source, scope } = this.#options;
    const findings = this.#groups.list();
    const accounts = this.#usage.list();
    const count = (severity: string): number => findings.filter(finding => finding.severity === severity).length;
    const totals: ReportTotals = {
      pods: this.#pods,
      podsWithIdentity: this.#podsWithIdentity,
      podsLackingIdentity: this.#podsLackingIdentity,
      podsSkipped: this.#podsSkipped,
      podsNotJudged: this.#podsNotJudged,
      podsWithFindings: this.#podsWithFindings,
      findings: { error: count('error'), warning: count('warning'), info: count('info') },
      suppressed: this.#suppressed.size,
      accounts: accounts.length,
      roles: new Set(accounts.flatMap(({ role, assumable }) => (assumable && role !== null ? [role] : []))).size,
    };
    return { apiVersion: 'irsa/v1', kind: 'AuditReport', generatedAt, source, scope, totals, findings, accounts };
  }

  #addAccounts(): void {
    const { accounts, scope } = this.#options;
    for (const account of accounts.names()) {
      if (scope.namespace === null || scope.namespace === account.namespace) this.#addAccount(account);
    }
  }

  #addAccount(account: ServiceAccountReference): void {
    const { accounts, scope } = this.#options;
    const { namespace, name } = account;
    const inputs = accounts.inputsOf(account);
    const answer = resolveIdentity(inputs);
    const identity = answer.kind === 'identity' ? answer.identity : undefined;
    if (identity !== undefined) {
      this.#usage.add({ account, identity, exists: true, associationSeen: false, pods: 0 });
    }
    if (inputs.serviceAccount === undefined) return;
    // With a selector other pods may use it.
    const unused = scope.selector === '' && !this.#used.has(`${namespace}/${name}`);
    const role = identity === undefined ? null : roleOf(identity);
    const findings = [
      ...findInAccount(inputs, answer),
      ...(unused && inputs.serviceAccount.roleArn !== '' ? [unusedAccount(inputs.defaults.annotationPrefix)] : []),
    ];
    for (const finding of findings) {
      this.#add(finding, { object: accountObject(account), serviceAccount: name, role }, undefined);
    }
  }
}

function unusedAccount(prefix: string): PodFinding {
  const detail = `annotation ${prefix}/role-arn gives a role to no running pod`;
  return podFinding('IRSA007', detail, { concerns: 'account' });
}

/** True for what says that a pod has nothing of the identity of its account. */
function lacksIdentity({ code, severity }: PodFinding): boolean {
  return code === 'IRSA001' || (code === 'IRSA008' && severity === 'error');
}

function accountObject({ namespace, name }: ServiceAccountReference): ObjectReference {
  return { kind: 'ServiceAccount', namespace, name };
}

/** True unless the pod has ended or is being deleted: nothing can be done for such a pod any more. */
export function isRunning(object: JsonObject): boolean {
  const phase = textAt(object, 'status', 'phase');
  const deleted = textAt(object, 'metadata', 'deletionTimestamp') !== undefined;
  return !deleted && phase !== 'Succeeded' && phase !== 'Failed';
}

interface Usage {
  readonly account: ServiceAccountReference;
  readonly identity: Identity;
  readonly exists: boolean;
  /** The association is known from pods alone. */
  readonly associationSeen: boolean;
  /** How many pods this is about; none when the account itself was looked at. */
  readonly pods: 0 | 1;
}

/** Counts who may assume what. */
class AccountUsage {
  readonly #accounts = new Map<string, AuditedAccount>();

  add({ account, identity, exists, associationSeen, pods }: Usage): void {
    const key = `${account.namespace}/${account.name}/${identity.method}`;
    const known = this.#accounts.get(key);
    const entry = known ?? {
      namespace: account.namespace,
      name: account.name,
      method: identity.method,
      role: roleOf(identity),
      assumable: identity.method === 'container_credentials' || roleArnProblem(identity.roleArn.value) === undefined,
      source: sourceOf(identity, associationSeen),
      exists,
      audience: identity.audience.value,
      expirationSeconds: identity.expirationSeconds.value,
      pods: 0,
    };
    this.#accounts.set(key, { ...entry, pods: entry.pods + pods });
  }

  /** By namespace, name and method. */
  list(): readonly AuditedAccount[] {
    return [...this.#accounts].toSorted(([left], [right]) => (left < right ? -1 : 1)).map(([, entry]) => entry);
  }
}

/** The role of an identity; null for container credentials, whose role AWS knows. */
function roleOf(identity: Identity): string | null {
  return identity.method === 'web_identity' ? identity.roleArn.value : null;
}

function sourceOf(identity: Identity, associationSeen: boolean): AuditedAccount['source'] {
  if (identity.method === 'container_credentials') return associationSeen ? 'pods' : 'association';
  return identity.roleArn.from === 'mapping' ? 'mapping' : 'annotation';
}
