import type { FindingCode, Severity } from '../comparison/finding-kinds.ts';
import type { ObjectReference, Remedy } from '../comparison/remedy.ts';

/** How the pods of an account get credentials, as in `Identity`. */
export type IdentityMethod = 'web_identity' | 'container_credentials';

/** Running pods against what a review of them would say now: the document of `irsa audit -o json`. */
export interface AuditReport {
  readonly apiVersion: 'irsa/v1';
  readonly kind: 'AuditReport';
  /** UTC, RFC 3339, for example `2026-11-24T09:51:00.000Z`. */
  readonly generatedAt: string;
  readonly source: ReportSource;
  readonly scope: ReportScope;
  readonly totals: ReportTotals;
  /**
   * Those of one object together, the objects by their worst finding, then by namespace, kind and name; of one object by
   * severity, then code. Without those that `--suppress` takes away.
   */
  readonly findings: readonly Finding[];
  /** Who may assume which role; by namespace, name and method. */
  readonly accounts: readonly AuditedAccount[];
}

/** What was read. */
export type ReportSource =
  /** `server` is the URL of the API server. */
  | { readonly kind: 'cluster'; readonly server: string }
  /** Paths as given; `-` is the standard input. */
  | { readonly kind: 'files'; readonly paths: readonly string[] };

export interface ReportScope {
  /** Null means every namespace. */
  readonly namespace: string | null;
  /** The label selector; empty means every pod. */
  readonly selector: string;
}

export interface ReportTotals {
  /** Pods that run or are about to; the ended ones are not looked at. */
  readonly pods: number;
  /** Of these, pods whose ServiceAccount has an identity now. */
  readonly podsWithIdentity: number;
  /** Of those, pods that have nothing of it. */
  readonly podsLackingIdentity: number;
  /** Of these, pods that the webhook passes over: mirror pods, the skip label, exempt namespaces, all containers skipped. */
  readonly podsSkipped: number;
  /** Of these, pods of a dump without the ServiceAccounts of their namespace: nothing can be said about them. */
  readonly podsNotJudged: number;
  /** Of these, pods with at least one finding that is an error or a warning, be it about their ServiceAccount. */
  readonly podsWithFindings: number;
  /** Number of entries in `findings`, by severity. */
  readonly findings: { readonly [severity in Severity]: number };
  /** Findings that `--suppress` took away. */
  readonly suppressed: number;
  /** Entries in `accounts`. */
  readonly accounts: number;
  /** Different roles in `accounts` that are the ARN of a role. */
  readonly roles: number;
}

/** One thing that is wrong with one workload or one ServiceAccount, for all the pods that have it in the same way. */
export interface Finding {
  readonly code: FindingCode;
  /** The code in words, for example `identity_missing`. */
  readonly name: string;
  readonly severity: Severity;
  /** What to look at: the workload that owns the pods, a pod without owner, or the ServiceAccount. */
  readonly object: ObjectReference;
  /** Name of the pods' ServiceAccount, in the object's namespace. */
  readonly serviceAccount: string;
  /** The role that the account has now; null when it has none, and for container credentials. */
  readonly role: string | null;
  /** The role that the pods run with; null when they run with none, and where that is no matter. */
  readonly podRole: string | null;
  /** The containers concerned, in the pod's order; empty when it is the pod as a whole, or the account. */
  readonly containers: readonly string[];
  /** Names of the pods concerned, sorted; for an account those that use it. */
  readonly pods: readonly string[];
  /** One line: what was expected and what was found. */
  readonly detail: string;
  readonly remedy: Remedy;
}

/** A ServiceAccount with an identity. One with container credentials for some pods and a role for others comes twice. */
export interface AuditedAccount {
  readonly namespace: string;
  readonly name: string;
  readonly method: IdentityMethod;
  /** Null for container credentials: AWS keeps the role in the association. */
  readonly role: string | null;
  /** False for a role that is not the ARN of an IAM role: AWS refuses it. */
  readonly assumable: boolean;
  /**
   * Where the identity comes from: the annotation, an entry of the mapping ConfigMap, the associations file, or an
   * association that is concluded from pods that have container credentials.
   */
  readonly source: 'annotation' | 'mapping' | 'association' | 'pods';
  /** False for an account that only a mapping entry or a pod names. */
  readonly exists: boolean;
  /** Audience of its pods' tokens. */
  readonly audience: string;
  /** Lifetime of its pods' tokens in seconds, unless a pod asks for another. */
  readonly expirationSeconds: number;
  /** Running pods in scope that use the account. */
  readonly pods: number;
}
