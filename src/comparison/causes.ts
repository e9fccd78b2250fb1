import { at, isObject, listAt, ownString, textAt, type JsonObject } from '../util/json.ts';
import { containersText, type PodFinding } from './pod-finding.ts';

/** A source of roles. */
export type SourceName = 'association' | 'annotation' | 'mapping';

/** Whether the API server asks the webhook about the pod, as far as it is known. */
export interface AskedHook {
  readonly code: 'selected' | 'not_selected' | 'not_installed' | 'unknown';
  readonly detail: string;
  readonly entries: readonly { readonly selects: boolean; readonly failurePolicy: string }[];
}

/** Why a running pod differs from what it would get. */
export interface RunningCause {
  readonly code:
    | 'hook_not_installed'
    | 'hook_does_not_select_the_pod'
    | 'created_before_the_hook'
    | 'created_before_the_account'
    | 'created_before_the_role_was_set'
    | 'account_changed_since'
    | 'role_changed_since'
    | 'role_removed_since'
    | 'container_added_after_the_hook'
    | 'hook_did_not_answer'
    | 'unknown';
  readonly detail: string;
}

/** What may tell when the pod would have got its identity. Objects as the API server gave them. */
export interface RunningEvidence {
  readonly serviceAccount: JsonObject | undefined;
  readonly mapping: JsonObject | undefined;
  readonly configuration: JsonObject | undefined;
  /** Whether the ServiceAccount was changed after the pod last was; undefined where that is not known. */
  readonly accountChangedSince: boolean | undefined;
  readonly hook: AskedHook | undefined;
  /** The source that gives the role now. */
  readonly source: SourceName | undefined;
  /** Sources that cannot be seen and may say something else. */
  readonly unseen: readonly SourceName[];
  readonly annotationPrefix: string;
}

/** Returns why a pod that was created at this time has what was found; most certain first. */
export function causesOf(
  { code, restart, containers }: PodFinding,
  created: string,
  evidence: RunningEvidence,
): readonly RunningCause[] {
  if (code === 'IRSA001' || code === 'IRSA008') return restart ? causesOfMissing(created, evidence) : [];
  if (code === 'IRSA002') return [causeOfOtherRole(created, evidence)];
  if (code === 'IRSA003') return [causeOfUnexpected(evidence)];
  if (code !== 'IRSA004' || restart) return [];
  const detail = `another webhook may have added ${containersText(containers)} after this one was asked`;
  return [{ code: 'container_added_after_the_hook', detail }];
}

function causeOfOtherRole(created: string, evidence: RunningEvidence): RunningCause {
  const write = roleWrite(evidence);
  if (write === undefined || created === '' || write.time <= created) {
    return { code: 'unknown', detail: 'the role was changed since, or the pod template sets it' };
  }
  const detail = `${write.what} was last written at ${write.time}, after the pod was created at ${created}`;
  return { code: 'role_changed_since', detail };
}

function causeOfUnexpected({ unseen }: RunningEvidence): RunningCause {
  if (unseen.length === 0) return { code: 'role_removed_since', detail: 'the role was taken away since' };
  return { code: 'unknown', detail: `the ${unseen.join(' or the ')} may give it, which cannot be seen from here` };
}

/** Why a pod has no identity although it would get one now. */
function causesOfMissing(created: string, evidence: RunningEvidence): readonly RunningCause[] {
  const write = roleWrite(evidence);
  const certain = [
    ...hookCauses(evidence.hook),
    ...orderCauses(created, evidence),
    ...(write === undefined ? changeCauses(evidence) : writeCauses(created, write)),
  ];
  if (certain.length > 0) return certain;
  if (write === undefined) return [untold];
  const rest = evidence.hook?.code === 'selected' ? unanswered(evidence) : unknown;
  return write.time === created ? [sameSecond(created, write), rest] : [rest];
}

const unknown: RunningCause = {
  code: 'unknown',
  detail: 'the role was there before the pod, and whether the webhook was is not known',
};

/** `kubectl annotate` leaves no time on an account that was created without any annotation. */
const untold: RunningCause = {
  code: 'unknown',
  detail:
    'the role was set after the pod was created, or the webhook did not answer then: the API server does not tell when it was set',
};

function hookCauses(hook: AskedHook | undefined): readonly RunningCause[] {
  if (hook?.code === 'not_installed') return [{ code: 'hook_not_installed', detail: hook.detail }];
  if (hook?.code === 'not_selected') return [{ code: 'hook_does_not_select_the_pod', detail: hook.detail }];
  return [];
}

/** All times are the API server's, in whole seconds; RFC 3339 in UTC sorts as text. */
function orderCauses(created: string, evidence: RunningEvidence): readonly RunningCause[] {
  if (created === '') return [];
  const causes: RunningCause[] = [];
  const account = createdAt(evidence.serviceAccount);
  const configuration = createdAt(evidence.configuration);
  if (configuration > created) {
    const detail = `the webhook was registered at ${configuration}, after the pod was created at ${created}`;
    causes.push({ code: 'created_before_the_hook', detail });
  }
  if (account > created) {
    const detail = `the ServiceAccount was created at ${account}, after the pod at ${created}`;
    causes.push({ code: 'created_before_the_account', detail });
  }
  return causes;
}

function writeCauses(created: string, { what, time }: RoleWrite): readonly RunningCause[] {
  if (created === '' || time <= created) return [];
  const detail = `${what} was last written at ${time}, after the pod was created at ${created}`;
  return [{ code: 'created_before_the_role_was_set', detail }];
}

/** Which of the two came first the times cannot tell: above all where both were created together. */
function sameSecond(created: string, { what }: RoleWrite): RunningCause {
  const detail = `${what} was last written in the second in which the pod was created, ${created}`;
  return { code: 'created_before_the_role_was_set', detail };
}

/** Resource versions are counted by etcd, which is the same for both unless the API server was told otherwise. */
function changeCauses({ source, accountChangedSince }: RunningEvidence): readonly RunningCause[] {
  if (source !== 'annotation' || accountChangedSince !== true) return [];
  const detail =
    'the ServiceAccount was changed after the pod, as their resource versions tell: probably its role was set then';
  return [{ code: 'account_changed_since', detail }];
}

/** Empty, and so before all times, where it is not known. */
function createdAt(object: JsonObject | undefined): string {
  return textAt(object, 'metadata', 'creationTimestamp') ?? '';
}

/** When what gives the role was last written. */
interface RoleWrite {
  readonly time: string;
  readonly what: string;
}

/** Undefined where the API server does not tell. */
function roleWrite(evidence: RunningEvidence): RoleWrite | undefined {
  const { source, serviceAccount, mapping, annotationPrefix } = evidence;
  if (source === 'annotation' && serviceAccount !== undefined) {
    const name = `${annotationPrefix}/role-arn`;
    const write = lastWriteOf(serviceAccount, ['metadata', 'annotations', name]);
    return write && { time: write.time, what: `the annotation ${name}${by(write.manager)}` };
  }
  if (source === 'mapping' && mapping !== undefined) {
    const write = lastWriteOf(mapping, ['data', 'config']);
    return write && { time: write.time, what: `the mapping ConfigMap${by(write.manager)}` };
  }
  return undefined;
}

/** The API server calls who sent no name `unknown`. */
function by(manager: string): string {
  if (manager === 'unknown') return '';
  return /^[\w.-]{1,64}$/.test(manager) ? ` (by ${manager})` : '';
}

/** Everything was there, and yet the pod has nothing: the API server called and got no answer, or did not call. */
function unanswered({ hook }: RunningEvidence): RunningCause {
  const entry = hook?.entries.find(({ selects }) => selects);
  const detail =
    entry?.failurePolicy === 'Fail'
      ? 'account and webhook were there when the pod was created, and failurePolicy is Fail: the webhook answered, and found no role then'
      : 'account and webhook were there when the pod was created: the webhook did not answer in time, and its failurePolicy Ignore lets such pods pass';
  return { code: 'hook_did_not_answer', detail };
}

/** When a field was last written, as far as the API server remembers. */
interface LastWrite {
  /** RFC 3339, whole seconds, the API server's clock. */
  readonly time: string;
  /** Who wrote it, for example `kubectl-annotate`. */
  readonly manager: string;
}

/**
 * The last write by who owns the field at this path, as in `['metadata', 'annotations', 'example.com/a']`. The time is that of
 * the manager's last write to any of its fields, so this one may be older; undefined where `managedFields` does not tell.
 * https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management
 */
export function lastWriteOf(object: JsonObject, path: readonly string[]): LastWrite | undefined {
  const writes = listAt(object, 'metadata', 'managedFields')
    .filter(isObject)
    .filter(entry => at(entry, 'fieldsV1', ...path.map(name => `f:${name}`)) !== undefined)
    .flatMap(entry => {
      const time = ownString(entry, 'time');
      return time === undefined ? [] : [{ time, manager: ownString(entry, 'manager') ?? '' }];
    });
  // Of several owners the latest may have written it; RFC 3339 in UTC sorts as text.
  return writes.toSorted((left, right) => (left.time < right.time ? 1 : -1))[0];
}
