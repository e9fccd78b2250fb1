import type { Outcome, Reason, SkipReason } from '../admission/answer.ts';
import type { RunningCause, SourceName } from '../comparison/causes.ts';
import type { Verdict } from '../comparison/compare-pod.ts';
import type { FindingCode, Severity } from '../comparison/finding-kinds.ts';
import type { Remedy } from '../comparison/remedy.ts';
import type { Notice } from '../identity/notice.ts';
import type { ContainerSkipReason } from '../injection/container-plan.ts';
import type { ContainerList } from '../injection/pod.ts';

/** What one question was about. */
export interface ExplainedSubject {
  /** Kind of the object, for example `Deployment`: then its pod template is explained. */
  readonly kind: string;
  readonly namespace: string;
  /** Empty where it has none. */
  readonly name: string;
  /** File and line, for an object of a file. */
  readonly source?: string;
}

/** The whole way of a decision, in its order; `-o json` and `-o yaml` show it as it is. */
export interface Explanation {
  readonly apiVersion: 'irsa/v1';
  readonly kind: 'Explanation';
  readonly subject: ExplainedSubject;
  readonly account: ExplainedAccount;
  /** Only where a cluster was asked. */
  readonly hook?: ExplainedHook;
  readonly exemption: Exemption;
  /** Strongest first; empty where the decision was made before any was looked at. */
  readonly sources: readonly SourceStatement[];
  /** Empty where there is no identity. */
  readonly settings: readonly ExplainedSetting[];
  readonly volume?: ExplainedVolume;
  readonly containers: readonly ExplainedContainer[];
  /** What the AWS SDKs make of it. */
  readonly credentials: readonly CredentialsNote[];
  readonly notices: readonly Notice[];
  /** The same that `irsa audit` finds, worst first. */
  readonly findings: readonly ExplainedFinding[];
  /** Only for a pod that runs in a cluster. */
  readonly running?: ExplainedRunning;
  /** Only for a workload of a cluster. */
  readonly pods?: ExplainedPods;
  readonly verdict: ExplainedVerdict;
}

export interface ExplainedAccount {
  readonly namespace: string;
  readonly name: string;
  /** The field of the pod's spec that names it; `subject` where the question was about the account itself. */
  readonly from: 'serviceAccountName' | 'serviceAccount' | 'default' | 'subject';
  /** Unknown where the input does not hold it and no cluster was asked. */
  readonly state: 'exists' | 'not_found' | 'unknown';
}

/** Whether the API server asks the webhook about this pod. */
export interface ExplainedHook {
  readonly code: 'selected' | 'not_selected' | 'not_installed' | 'unknown';
  /** Name of the MutatingWebhookConfiguration. */
  readonly configuration?: string;
  readonly detail: string;
  readonly entries: readonly ExplainedHookEntry[];
  /** What is not known of its settings, a line each. */
  readonly notes: readonly string[];
}

/** One entry of the configuration that is about the creation of pods. */
export interface ExplainedHookEntry {
  readonly name: string;
  readonly selects: boolean;
  readonly detail: string;
  readonly failurePolicy: string;
  /** Those that are not the chart's: CEL is not evaluated here. */
  readonly matchConditions: readonly string[];
}

export interface Exemption {
  readonly exempt: boolean;
  readonly reason?: SkipReason;
  readonly detail: string;
}

/** What one source of roles said. */
export interface SourceStatement {
  readonly source: SourceName;
  readonly result:
    /** The identity comes from here. */
    | 'wins'
    /** Has a role, but a stronger source won. */
    | 'overruled'
    /** It has nothing about this account. */
    | 'silent'
    /** It has no role, or one that is refused. */
    | 'refuses'
    /** Cannot be seen from here. */
    | 'unknown';
  readonly detail: string;
}

export type SettingName =
  | 'role'
  | 'audience'
  | 'expiration'
  | 'regional_sts'
  | 'region'
  | 'session_name'
  | 'token_file';

export interface ExplainedSetting {
  readonly name: SettingName;
  /** Empty where it is not set; a lifetime in seconds, or the range over which the webhook spreads it, as in `79200-86400`. */
  readonly value: string;
  readonly from:
    | 'pod'
    | 'service_account'
    | 'mapping'
    | 'association'
    | 'flag'
    | 'environment'
    | 'installed'
    | 'default';
  /** The annotation, entry, flag or variable. */
  readonly detail: string;
}

export interface ExplainedVolume {
  readonly name: string;
  readonly action: 'add' | 'keep';
  readonly detail: string;
}

export interface ExplainedContainer {
  /** Empty where it has none. */
  readonly name: string;
  readonly list: ContainerList | 'unknown';
  readonly result: 'injected' | 'kept';
  readonly reason: 'identity_injected' | ContainerSkipReason;
  readonly detail: string;
  readonly environment: readonly ExplainedVariable[];
  readonly mount?: { readonly volume: string; readonly path: string };
}

/** A variable that belongs to the identity. A value is always ours; one that the container has is never shown. */
export type ExplainedVariable =
  | { readonly name: string; readonly action: 'add'; readonly value: string }
  /** The value is that field of the pod. */
  | { readonly name: string; readonly action: 'add'; readonly fieldPath: string }
  | { readonly name: string; readonly action: 'keep' | 'leave_out'; readonly detail: string };

/** What decides about the credentials that a process in a container finds. */
export interface CredentialsNote {
  readonly code:
    | 'default_chain'
    | 'static_credentials_take_precedence'
    | 'web_identity_takes_precedence'
    | 'relative_uri_takes_precedence'
    | 'both_methods'
    | 'env_from_unseen'
    | 'no_credentials_injected';
  /** Empty where it is about the whole pod. */
  readonly container: string;
  readonly detail: string;
}

/** What is wrong with a running pod, or with every pod that is created as the manifest says. */
export interface ExplainedFinding {
  readonly code: FindingCode;
  /** The code in words, for example `role_stale`. */
  readonly name: string;
  readonly severity: Severity;
  readonly containers: readonly string[];
  readonly detail: string;
  readonly remedy: Remedy;
}

/** The pods of a workload that run, beside what they would get now. */
export interface ExplainedPods {
  readonly running: number;
  readonly broken: number;
  readonly differs: number;
  /** What is wrong with them, worst first, and how many have it. */
  readonly findings: readonly (ExplainedFinding & { readonly pods: number })[];
}

/** A pod that runs in a cluster. */
export interface ExplainedRunning {
  /** RFC 3339; empty where the pod does not tell. */
  readonly created: string;
  /** Why the pod differs from what it would get, most certain first. */
  readonly causes: readonly RunningCause[];
}

/** What it comes to. */
export interface ExplainedVerdict {
  /** How the pod is, or would be. A pod without an AWS identity is `broken`: the question was about one. */
  readonly verdict: Verdict;
  /** What the webhook would answer if it were asked, with its own codes. */
  readonly outcome: Outcome;
  readonly reason: Reason;
  readonly identity: 'gets' | 'has' | 'none' | 'refused' | 'unknown';
  /** What it comes to: the name of the worst finding; else the webhook's reason, or why it is not asked at all. */
  readonly code: string;
  /** One plain sentence. */
  readonly sentence: string;
  readonly nextSteps: readonly NextStep[];
}

export interface NextStep {
  readonly detail: string;
  /** For a shell; names are quoted where they need it. */
  readonly command?: string;
}
