import { ownObject, type JsonObject } from '../util/type-guards.ts';
import { failed, ofWorkload, passed, warning, type Check, type CheckOutcome } from './check.ts';
import { matchesLabels } from '../kubernetes/objects.ts';
import type { HookEntry } from '../cluster/registration.ts';

export const ownPodsExcluded: Check = {
  code: 'own-pods-excluded',
  group: 'Registration',
  title: 'the webhook is not called for its own pods',
  run: ofWorkload(async ({ namespace, kind, object }, { hook }, { namespaceLabels }) => {
    const template = kind === 'Pod' ? object : (ownObject(ownObject(object, 'spec') ?? {}, 'template') ?? {});
    const labels = ownObject(ownObject(template, 'metadata') ?? {}, 'labels') ?? {};
    return judgeOwnPods(hook.entries, { namespace, namespaceLabels: (await namespaceLabels(namespace)) ?? {}, labels });
  }),
};

export interface OwnPods {
  readonly namespace: string;
  readonly namespaceLabels: JsonObject;
  readonly labels: JsonObject;
}

/** CEL is not evaluated here: a condition that names the namespace is taken for one that leaves the pods out. */
export function judgeOwnPods(entries: readonly HookEntry[], pods: OwnPods): CheckOutcome {
  const called = entries.filter(
    ({ role, namespaceSelector, objectSelector, matchConditions }) =>
      role !== 'ephemeral' &&
      matchesLabels(namespaceSelector, pods.namespaceLabels) &&
      matchesLabels(objectSelector, pods.labels) &&
      !matchConditions.some(condition => condition.includes('request.namespace') && condition.includes(pods.namespace)),
  );
  const hint = `Leave the namespace ${pods.namespace} out by the namespaceSelector, as the chart does.`;
  const blocking = called.find(entry => entry.failurePolicy === 'Fail');
  if (blocking !== undefined) {
    return failed(`${blocking.name} takes the webhook's own pods: once all are gone, none can start`, hint);
  }
  const [first] = called;
  if (first === undefined) return passed(`no entry takes pods of the webhook in ${pods.namespace}`);
  return warning(`${first.name} takes the webhook's own pods: each start waits for its time-out`, hint);
}
