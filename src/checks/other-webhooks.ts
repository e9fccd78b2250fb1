import { nameOf } from '../kubernetes/objects.ts';
import type { JsonObject } from '../util/json.ts';
import { ofWebhook, passed, warning, type Check, type CheckOutcome } from './check.ts';
import { findHooks } from '../cluster/installed-webhook.ts';
import { coversPodCreation, readEntries, type RecognisedHook } from '../cluster/registration.ts';
import { counted } from '../util/text.ts';

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
