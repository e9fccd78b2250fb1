import type { ServiceAccountReference } from '../admission/identity-source.ts';
import { resolveIdentity } from '../identity/resolve.ts';
import { textAt, type JsonObject } from '../util/json.ts';
import { AccountUsage, roleOf } from './account-usage.ts';
import { FindingGroups, severityOf, type FindingSubject } from './finding-groups.ts';
import { judgePod, type AuditBasis, type PodJudgement } from './judge-pod.ts';
import { ownerOf } from './owner.ts';
import type { PodFinding } from './pod-finding.ts';
import type { AuditReport, ObjectReference, ReportScope, ReportSource, ReportTotals } from './report.ts';
import { accountOfPod, readRunningPod } from './running-pod.ts';
import { isSuppressed, type Suppression } from './suppression.ts';
import type { ServiceAccountFacts } from '../identity/service-account-annotations.ts';

export interface AuditOptions extends AuditBasis {
  readonly source: ReportSource;
  readonly scope: ReportScope;
  readonly suppressions: readonly Suppression[];
}

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
  #podsWithFindings = 0;

  constructor(options: AuditOptions) {
    this.#options = options;
  }

  /** Pods counted so far, for whoever waits. */
  get pods(): number {
    return this.#pods;
  }

  /**
   * Looks at a pod as the API server stores it, unless it has ended. Where nobody knows its ServiceAccount, gives that and
   * counts nothing: read the account and hand the pod in again. With `accountsAreComplete` such an account does not exist.
   */
  addPod(
    object: JsonObject,
    { accountsAreComplete = false }: { readonly accountsAreComplete?: boolean } = {},
  ): ServiceAccountReference | undefined {
    if (!isRunning(object)) return undefined;
    const running = readRunningPod(object, this.#options.injection);
    const { accounts } = this.#options;
    if (running !== undefined && !accountsAreComplete && !accounts.has(running.account)) return running.account;
    this.#pods += 1;
    if (running === undefined) this.#skip(accountOfPod(object));
    else this.#count(object, judgePod(running, this.#options));
    return undefined;
  }

  /** Counts a pod about which nothing can be said. */
  addNotJudged(): void {
    this.#pods += 1;
    this.#podsNotJudged += 1;
  }

  /** The pod may use the account's role by means of its own. */
  #skip({ namespace, name }: ServiceAccountReference): void {
    this.#podsSkipped += 1;
    this.#used.add(`${namespace}/${name}`);
  }

  #count(object: JsonObject, judgement: PodJudgement): void {
    const { account, identity, associationSeen, passedOver, findings } = judgement;
    this.#used.add(`${account.namespace}/${account.name}`);
    if (identity !== undefined) {
      this.#podsWithIdentity += 1;
      const exists = this.#options.accounts.has(account);
      this.#usage.add({ account, identity, exists, associationSeen, pods: 1 });
    }
    if (passedOver) this.#podsSkipped += 1;
    const owner = ownerOf(object, account.namespace);
    const pod = textAt(object, 'metadata', 'name') ?? '';
    const subject = { serviceAccount: account.name, role: identity === undefined ? null : roleOf(identity) };
    const kept = findings.filter(finding =>
      finding.concerns === 'account'
        ? this.#add(finding, { ...subject, object: accountObject(account.namespace, account.name) }, undefined)
        : this.#add(finding, { ...subject, object: owner }, pod),
    );
    if (kept.some(finding => severityOf(finding) !== 'info')) this.#podsWithFindings += 1;
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
      podsSkipped: this.#podsSkipped,
      podsNotJudged: this.#podsNotJudged,
      podsWithFindings: this.#podsWithFindings,
      findings: { error: count('error'), warning: count('warning'), info: count('info') },
      suppressed: this.#suppressed.size,
      accounts: accounts.length,
      roles: new Set(accounts.map(({ role }) => role).filter(role => role !== null)).size,
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
    const { accounts, defaults, scope } = this.#options;
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
    for (const finding of findInAccount(inputs.serviceAccount, { prefix: defaults.annotationPrefix, unused })) {
      this.#add(finding, { object: accountObject(namespace, name), serviceAccount: name, role }, undefined);
    }
  }
}

function accountObject(namespace: string, name: string): ObjectReference {
  return { kind: 'ServiceAccount', namespace, name };
}

/** True unless the pod has ended or is being deleted: nothing can be done for such a pod any more. */
function isRunning(object: JsonObject): boolean {
  const phase = textAt(object, 'status', 'phase');
  const deleted = textAt(object, 'metadata', 'deletionTimestamp') !== undefined;
  return !deleted && phase !== 'Succeeded' && phase !== 'Failed';
}

/** What is wrong with an annotated account by itself. `unused` where every pod was looked at and none uses it. */
function findInAccount(
  { roleArn, roleArnProblem, notices }: ServiceAccountFacts,
  { prefix, unused }: { readonly prefix: string; readonly unused: boolean },
): readonly PodFinding[] {
  const invalid = notices.map(({ detail }) =>
    accountFinding('IRSA005', detail === roleArnProblem ? 'error' : 'warning', detail),
  );
  if (!unused || roleArn === '') return invalid;
  return [
    ...invalid,
    accountFinding('IRSA007', 'info', `annotation ${prefix}/role-arn gives a role to no running pod`),
  ];
}

function accountFinding(
  code: PodFinding['code'],
  severity: NonNullable<PodFinding['severity']>,
  detail: string,
): PodFinding {
  return { code, severity, concerns: 'account', podRole: null, containers: [], detail };
}
