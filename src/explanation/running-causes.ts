import { textAt, type JsonObject } from '../util/json.ts';
import type { ExplainedHook, RunningCause, SourceName } from './explanation.ts';
import { lastWriteOf } from './written-at.ts';

/** What may tell when the pod would have got its identity. Objects as the API server gave them. */
export interface RunningEvidence {
  readonly serviceAccount: JsonObject | undefined;
  readonly mapping: JsonObject | undefined;
  readonly configuration: JsonObject | undefined;
  /** Whether the ServiceAccount was changed after the pod last was; undefined where that is not known. */
  readonly accountChangedSince: boolean | undefined;
  readonly hook: ExplainedHook | undefined;
  /** The source that gives the role now. */
  readonly source: SourceName | undefined;
  readonly annotationPrefix: string;
}

/** Why a pod that was created at this time has no identity although it would get one now; most certain first. */
export function causesOfMissing(created: string, evidence: RunningEvidence): readonly RunningCause[] {
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

function hookCauses(hook: ExplainedHook | undefined): readonly RunningCause[] {
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
export interface RoleWrite {
  readonly time: string;
  readonly what: string;
}

/** Undefined where the API server does not tell. */
export function roleWrite(evidence: RunningEvidence): RoleWrite | undefined {
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
