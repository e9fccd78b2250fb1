import type { InstalledWebhook } from '../cluster/installed-webhook.ts';
import { readOrUndefined } from '../cluster/reader.ts';
import {
  coversPodCreation,
  describeForeignHook,
  type HookEntry,
  type RecognisedHook,
} from '../cluster/registration.ts';
import { namespacedPath, objectPath } from '../kubernetes/paths.ts';
import { objectsAt, ownString, type JsonObject } from '../util/json.ts';
import { failed, ofWebhook, passed, skipped, warning, type Check, type CheckOutcome } from './check.ts';
import { counted } from '../util/text.ts';
import { docsUrl } from '../util/docs-url.ts';

/** https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#matching-requests-matchconditions */
const minors = { matchConditionsOn: 28, matchConditionsStable: 30 } as const;

export const kubernetesVersion: Check = {
  code: 'kubernetes-version',
  group: 'Kubernetes API',
  title: 'the API server answers, and its version is supported',
  run: async ({ cluster: { client, timeoutMs, signal } }) =>
    judgeVersion(await client.get('/version', { timeoutMs, signal })),
};

/** Providers append to the minor version, as in `29+`. */
export function judgeVersion(version: JsonObject): CheckOutcome {
  const name = ownString(version, 'gitVersion') ?? 'an unknown version';
  const [major, minor] = [ownString(version, 'major'), ownString(version, 'minor')].map(text =>
    Number.parseInt(text ?? '', 10),
  );
  if (major === undefined || minor === undefined || Number.isNaN(major + minor)) {
    return warning(`expected major and minor version, found ${name}`, 'Make sure that it is Kubernetes 1.30 or later.');
  }
  const isAtLeast = (wanted: number): boolean => major > 1 || (major === 1 && minor >= wanted);
  if (isAtLeast(minors.matchConditionsStable)) return passed(name);
  const upgrade = 'Upgrade the control plane to Kubernetes 1.30 or later.';
  if (!isAtLeast(minors.matchConditionsOn)) {
    return failed(`expected Kubernetes 1.28 or later, which knows matchConditions, found ${name}`, upgrade);
  }
  return warning(`${name}: matchConditions are stable only since Kubernetes 1.30`, upgrade);
}

const install =
  'Install the chart, or restore the MutatingWebhookConfiguration from it; "irsa check --pre" looks first.';

export const registrationExists: Check = {
  code: 'registration-exists',
  group: 'Registration',
  title: 'a webhook is registered for pods',
  run: async context => judgeFound(await context.webhook()),
};

function judgeFound(webhook: Pick<InstalledWebhook, 'kind' | 'hook'> | undefined): CheckOutcome {
  if (webhook === undefined)
    return failed('expected a MutatingWebhookConfiguration of this webhook, found none', install);
  const { kind, hook } = webhook;
  if (kind === 'ours') {
    const entries = counted(hook.entries.length, 'entry', 'entries');
    return passed(`MutatingWebhookConfiguration ${hook.configuration}, ${entries}`);
  }
  const hint =
    kind === 'aws'
      ? `What changes with this one in its place: ${docsUrl('differences.md')}`
      : 'Nothing but its effect can be checked from here.';
  return warning(describeForeignHook({ kind, configuration: hook.configuration }), hint);
}

export const registrationEntries: Check = {
  code: 'registration-entries',
  group: 'Registration',
  title: 'entries are there for all pods and for those that require an identity',
  run: ofWebhook(({ kind, hook }) => judgeEntries(hook, kind === 'ours')),
};

function judgeEntries({ entries }: Pick<RecognisedHook, 'entries'>, isOurs: boolean): CheckOutcome {
  const hasRole = (role: HookEntry['role']): boolean => entries.some(entry => entry.role === role);
  if (!hasRole('all')) return failed('expected an entry for all pods, found none', install);
  const names = entries.map(({ name }) => name).join(', ');
  if (hasRole('require') || !isOurs) return passed(names);
  return warning(
    `expected an entry for pods with the label require-pod-identity, found only ${names}`,
    'Set mutatingWebhook.require.enabled of the chart, so that such pods wait for the webhook.',
  );
}

export const registrationRules: Check = {
  code: 'registration-rules',
  group: 'Registration',
  title: 'the entries are about the creation of pods',
  run: ofWebhook(({ hook }) => judgeRules(hook.entries)),
};

function judgeRules(entries: readonly HookEntry[]): CheckOutcome {
  const wrong = entries.filter(({ role, rules }) => role !== 'ephemeral' && !coversPodCreation(rules));
  if (wrong.length === 0) return passed('CREATE of pods');
  return failed(`expected a rule for CREATE of v1 pods, found none in ${namesOf(wrong)}`, install);
}

export const serviceTarget: Check = {
  code: 'service-target',
  group: 'Registration',
  title: 'the entries name one Service that exists, and the path /mutate',
  run: ofWebhook(async ({ hook }, { cluster }) => {
    if (hook.service === undefined) return skipped('a URL is registered, and no Service');
    const path = objectPath(namespacedPath('services', hook.service.namespace), hook.service.name);
    const service = await readOrUndefined(cluster, path);
    const ports = objectsAt(service, 'spec', 'ports');
    return judgeTarget(hook, service === undefined ? undefined : ports.map(entry => entry['port']));
  }),
};

/** `ports` of the Service; undefined where it does not exist. */
function judgeTarget(
  { service, entries }: Pick<RecognisedHook, 'service' | 'entries'>,
  ports: readonly unknown[] | undefined,
): CheckOutcome {
  if (service === undefined) return skipped('a URL is registered, and no Service');
  const target = `${service.namespace}/${service.name}`;
  const other = entries.find(
    entry => entry.service?.namespace !== service.namespace || entry.service.name !== service.name,
  );
  if (other !== undefined)
    return failed(`expected Service ${target} in every entry, found another in ${other.name}`, install);
  const astray = entries.find(entry => entry.service?.path !== '/mutate');
  if (astray !== undefined) {
    return failed(`expected the path /mutate, found ${astray.service?.path} in ${astray.name}`, install);
  }
  if (ports === undefined) return failed(`expected Service ${target}, found none`, 'Install the chart again.');
  const missing = entries.find(entry => !ports.includes(entry.service?.port));
  if (missing === undefined) return passed(`${target}:${service.port}/mutate`);
  return failed(`expected port ${missing.service?.port} of Service ${target}, found ${ports.join(', ')}`, install);
}

function namesOf(entries: readonly HookEntry[]): string {
  return entries.map(({ name }) => name).join(', ');
}
