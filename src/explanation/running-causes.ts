import { ownObject, ownString, type JsonObject } from '../util/type-guards.ts';
import type { ExplainedHook, RunningCause, SourceName } from './explanation.ts';
import { lastWriteOf } from './written-at.ts';

/** What may tell when the pod would have got its identity. Objects as the API server gave them. */
export interface RunningEvidence {
  readonly serviceAccount: JsonObject | undefined;
  readonly mapping: JsonObject | undefined;
  readonly configuration: JsonObject | undefined;
  readonly hook: ExplainedHook | undefined;
  /** The source that gives the role now. */
  readonly source: SourceName | undefined;
  readonly annotationPrefix: string;
}

/** Why a pod that was created at this time has no identity although it would get one now; most certain first. */
export function causesOfMissing(created: string, evidence: RunningEvidence): readonly RunningCause[] {
  const certain = [...hookCauses(evidence.hook), ...orderCauses(created, evidence)];
  if (certain.length > 0) return certain;
  return evidence.hook?.code === 'selected' ? [unanswered(evidence)] : [unknown];
}

const unknown: RunningCause = {
  code: 'unknown',
  detail: 'what is known from here does not tell why: neither the times of the objects nor the webhook',
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
  const write = roleWrite(evidence);
  if (write !== undefined && write.time >= created) {
    const when = write.time === created ? 'in the second in which' : 'after';
    const detail = `${write.what} was last written at ${write.time}, ${when} the pod was created at ${created}`;
    causes.push({ code: 'created_before_the_role_was_set', detail });
  }
  return causes;
}

/** Empty, and so before all times, where it is not known. */
function createdAt(object: JsonObject | undefined): string {
  return ownString(ownObject(object ?? {}, 'metadata') ?? {}, 'creationTimestamp') ?? '';
}

/** The last write of what gives the role now. */
export function roleWrite(evidence: RunningEvidence): { readonly time: string; readonly what: string } | undefined {
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

function by(manager: string): string {
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
