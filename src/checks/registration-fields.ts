import { type HookEntry, coversPodCreation, readEntries, type RecognisedHook } from '../cluster/registration.ts';
import { labelsOf, matchesLabels, podTemplateOf, nameOf } from '../kubernetes/objects.ts';
import type { JsonObject } from '../util/json.ts';
import { failed, ofWebhook, ofWorkload, passed, warning, type Check, type CheckOutcome } from './check.ts';
import { findHooks } from '../cluster/installed-webhook.ts';
import { counted } from '../util/text.ts';

export const failurePolicy: Check = {
  code: 'failure-policy',
  group: 'Registration',
  title: 'failure policies let pods in, but those that require an identity',
  run: ofWebhook(({ hook }) => judgeFailurePolicy(hook.entries, hook.configuration)),
};

function judgeFailurePolicy(entries: readonly HookEntry[], configuration: string): CheckOutcome {
  const blocking = entries.find(entry => entry.role !== 'require' && entry.failurePolicy !== 'Ignore');
  if (blocking !== undefined) {
    return warning(
      `${blocking.name} has failurePolicy ${blocking.failurePolicy}: while the webhook is down no pod can be created`,
      `If that ever stops the cluster: kubectl delete mutatingwebhookconfiguration ${configuration}`,
    );
  }
  const open = entries.find(entry => entry.role === 'require' && entry.failurePolicy !== 'Fail');
  if (open === undefined) return passed(entries.map(entry => entry.failurePolicy).join(', '));
  return warning(
    `${open.name} has failurePolicy ${open.failurePolicy}: pods that require an identity start without one`,
    'Set mutatingWebhook.require.failurePolicy of the chart to Fail.',
  );
}

/** What the API server waits where nothing is said; every mutating webhook adds to the time that a pod may need. */
const maxTimeoutSeconds = 10;

export const timeoutSeconds: Check = {
  code: 'timeout',
  group: 'Registration',
  title: 'time-outs are short',
  run: ofWebhook(({ hook }) => judgeTimeout(hook.entries)),
};

function judgeTimeout(entries: readonly HookEntry[]): CheckOutcome {
  const slow = entries.find(entry => entry.timeoutSeconds > maxTimeoutSeconds);
  if (slow === undefined) return passed(entries.map(entry => `${entry.timeoutSeconds} s`).join(', '));
  return warning(
    `expected at most ${maxTimeoutSeconds} s, found ${slow.timeoutSeconds} s in ${slow.name}`,
    'Every pod waits so long while the webhook is down: set mutatingWebhook.timeoutSeconds of the chart.',
  );
}

export const sideEffects: Check = {
  code: 'side-effects',
  group: 'Registration',
  title: 'dry runs are allowed',
  run: ofWebhook(({ hook }) => judgeSideEffects(hook.entries)),
};

function judgeSideEffects(entries: readonly HookEntry[]): CheckOutcome {
  const wrong = entries.find(({ sideEffects: effects }) => effects !== 'None' && effects !== 'NoneOnDryRun');
  if (wrong === undefined) return passed('no side effects');
  return failed(
    `expected sideEffects None, found ${wrong.sideEffects} in ${wrong.name}`,
    'The API server refuses dry runs of pods: restore the configuration from the chart.',
  );
}

export const reinvocation: Check = {
  code: 'reinvocation',
  group: 'Registration',
  title: 'the webhook is called again for containers that are added after it',
  run: ofWebhook(({ hook }) => judgeReinvocation(hook.entries)),
};

function judgeReinvocation(entries: readonly HookEntry[]): CheckOutcome {
  const wrong = entries.find(entry => entry.role !== 'ephemeral' && entry.reinvocationPolicy !== 'IfNeeded');
  if (wrong === undefined) return passed('IfNeeded');
  return warning(
    `${wrong.name} has reinvocationPolicy ${wrong.reinvocationPolicy}: sidecars of later webhooks get no identity`,
    'Set mutatingWebhook.reinvocationPolicy of the chart to IfNeeded.',
  );
}

export const ownPodsExcluded: Check = {
  code: 'own-pods-excluded',
  group: 'Registration',
  title: 'the webhook is not called for its own pods',
  run: ofWorkload(async ({ namespace, kind, object }, { hook }, { namespaceLabels }) => {
    const labels = labelsOf(kind === 'Pod' ? object : podTemplateOf(object));
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

export const otherIdentityWebhooks: Check = {
  code: 'other-identity-webhooks',
  group: 'Other webhooks',
  title: 'no other webhook gives pods an AWS identity',
  run: ofWebhook(async ({ hook }, { configurations }) =>
    judgeOthers(findHooks(await configurations()).filter(other => other.configuration !== hook.configuration)),
  ),
};

function judgeOthers(others: readonly RecognisedHook[]): CheckOutcome {
  if (others.length === 0) return passed('this one only');
  const names = others.map(({ configuration, kind }) => `${configuration} (${kindNames[kind]})`).join(', ');
  return warning(
    `beside it there is ${names}`,
    'Whichever comes first by name decides what a pod gets. Remove the other, or set config.annotationPrefix of the chart.',
  );
}

const kindNames = { ours: 'this project', aws: 'the AWS webhook', managed: 'managed, as on EKS' } as const;

/** More names help nobody. */
const maxNames = 5;

export const laterWebhooks: Check = {
  code: 'later-webhooks',
  group: 'Other webhooks',
  title: 'containers of later webhooks get an identity too',
  run: ofWebhook(async ({ hook }, { configurations }) => {
    const others = (await configurations()).filter(object => nameOf(object) !== hook.configuration);
    return judgeLater(hook, others);
  }),
};

/**
 * The API server calls webhooks in the order of the names of their configurations, and again those with the reinvocation
 * policy IfNeeded when a later one has changed the pod.
 * https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#reinvocation-policy
 */
function judgeLater(
  { configuration, entries }: Pick<RecognisedHook, 'configuration' | 'entries'>,
  others: readonly JsonObject[],
): CheckOutcome {
  const later = others
    .filter(object => readEntries(object).some(({ rules }) => coversPodCreation(rules)))
    .map(nameOf)
    .filter(name => name > configuration)
    .sort();
  if (later.length === 0) return passed('no pod webhook comes after it');
  const more = later.length > maxNames ? ` and ${later.length - maxNames} more` : '';
  const names = `${later.slice(0, maxNames).join(', ')}${more}`;
  const is = later.length === 1 ? 'comes' : 'come';
  if (entries.every(({ role, reinvocationPolicy }) => role === 'ephemeral' || reinvocationPolicy === 'IfNeeded')) {
    return passed(`${counted(later.length, 'pod webhook')} ${is} after it (${names}), and it is called again`);
  }
  return warning(
    `${names} ${is} after it: containers that are added there get no identity`,
    'Set mutatingWebhook.reinvocationPolicy of the chart to IfNeeded.',
  );
}
