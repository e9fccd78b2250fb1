import { failed, ofWebhook, passed, warning, type Check, type CheckOutcome } from './check.ts';
import type { HookEntry } from '../cluster/registration.ts';

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
