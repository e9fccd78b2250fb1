import { hasCode } from '../kubernetes/kubernetes-error.ts';
import { labelsOf } from '../kubernetes/objects.ts';
import { errorText } from '../util/error-text.ts';
import { ownString, textAt, type JsonObject } from '../util/json.ts';
import { objectPath } from '../kubernetes/paths.ts';
import { failed, passed, skipped, warning, type Check, type CheckOutcome, type CheckContext } from './check.ts';
import { readOrUndefined } from '../cluster/reader.ts';
import { findHooks, settingsOf } from '../cluster/installed-webhook.ts';
import { describeForeignHook, type RecognisedHook } from '../cluster/registration.ts';
import { requestShortToken } from './token-issuer.ts';
import { tryPod } from './injection.ts';
import { describeRight, findMissingRights, type AccessRight } from './rights.ts';
import { docsUrl } from '../util/docs-url.ts';

const group = 'Installation';
/** The namespace of deploy/install.yaml and of the chart's documentation. */
const usualNamespace = 'irsa-system';

function targetOf({ namespace = usualNamespace }: CheckContext): string {
  return namespace;
}

export const noWebhookYet: Check = {
  code: 'no-webhook-yet',
  group,
  title: 'no webhook gives pods an AWS identity yet',
  run: async ({ configurations }) => judgeExisting(findHooks(await configurations())),
};

function judgeExisting([hook]: readonly RecognisedHook[]): CheckOutcome {
  if (hook === undefined) return passed('none is registered');
  if (hook.kind === 'ours') {
    return warning(
      `MutatingWebhookConfiguration ${hook.configuration} is there already`,
      'Upgrade the release, and use irsa check without --pre.',
    );
  }
  const what = describeForeignHook(hook);
  if (hook.kind === 'aws') {
    return warning(
      what,
      `Both work side by side; remove it when this one is ready. What changes: ${docsUrl('differences.md')}`,
    );
  }
  return warning(
    what,
    'What it injects is left as it is. Set config.annotationPrefix of the chart, so that each has its own annotations.',
  );
}

export const installNamespace: Check = {
  code: 'install-namespace',
  group,
  title: 'the namespace can be installed into',
  run: async context => {
    const name = targetOf(context);
    return judgeNamespace(await readOrUndefined(context.cluster, objectPath('/api/v1/namespaces', name)), name);
  },
};

function judgeNamespace(namespace: JsonObject | undefined, name: string): CheckOutcome {
  if (namespace === undefined) return passed(`${name} does not exist yet`);
  if (textAt(namespace, 'status', 'phase') === 'Terminating') {
    return failed(`namespace ${name} is being deleted`, 'Wait for its end, or choose another by -n.');
  }
  if (name === 'kube-system') {
    return warning(
      'in kube-system the webhook leaves out only its own pods, by their labels',
      'Choose a namespace of its own by -n.',
    );
  }
  const level = ownString(labelsOf(namespace), 'pod-security.kubernetes.io/enforce');
  return passed(`${name}${level === undefined ? '' : `, pod security level ${level}`}`);
}

export const installPods: Check = {
  code: 'install-pods',
  group,
  title: 'its admission policies let the pods of the webhook in, in a dry run',
  run: async context => {
    const name = targetOf(context);
    if ((await context.namespaceLabels(name)) === undefined) return skipped(`${name} does not exist yet`);
    return judgeInstallPod(await tryPod(context.cluster, name, 'default'), name);
  },
};

function judgeInstallPod(tried: JsonObject | string, namespace: string): CheckOutcome {
  if (typeof tried !== 'string') return passed(`namespace ${namespace}`);
  return failed(
    `namespace ${namespace} refuses a pod that is as restricted as those of the webhook: ${tried}`,
    'Change the policy, or choose another namespace by -n.',
  );
}

const apps = 'apps';
const rbac = 'rbac.authorization.k8s.io';

/** What the chart creates with its defaults. */
function installRights(namespace: string): readonly AccessRight[] {
  const inNamespace = [
    ['', 'serviceaccounts'],
    ['', 'secrets'],
    ['', 'services'],
    [apps, 'deployments'],
    ['policy', 'poddisruptionbudgets'],
    [rbac, 'roles'],
    [rbac, 'rolebindings'],
  ] as const;
  const inCluster = [
    [rbac, 'clusterroles'],
    [rbac, 'clusterrolebindings'],
    ['admissionregistration.k8s.io', 'mutatingwebhookconfigurations'],
  ] as const;
  return [
    ...inNamespace.map(([api, resource]) => ({ verb: 'create', group: api, resource, namespace })),
    ...inCluster.map(([api, resource]) => ({ verb: 'create', group: api, resource })),
  ];
}

export const mayInstall: Check = {
  code: 'install-rights',
  group,
  title: 'you may create what the chart consists of',
  run: async context => judgeInstallRights(await findMissingRights(context.cluster, installRights(targetOf(context)))),
};

function judgeInstallRights(missing: readonly AccessRight[]): CheckOutcome {
  if (missing.length === 0) return passed('by your own rights');
  return failed(`you may not ${missing.map(describeRight).join(', ')}`, 'Let somebody with these rights install it.');
}

export const tokenAudience: Check = {
  code: 'token-audience',
  group,
  title: 'the API server issues tokens for the audience of AWS',
  run: async ({ cluster }) => {
    const { audience } = settingsOf(new Map()).identity;
    try {
      await requestShortToken(cluster, { namespace: 'default', name: 'default' }, audience);
      return passed(`audience ${audience}`);
    } catch (error) {
      if (hasCode(error, 'not_found')) return skipped('ServiceAccount default/default does not exist');
      if (!hasCode(error, 'invalid', 'server_error')) throw error;
      return failed(
        `expected a token for ${audience}, found: ${errorText(error)}`,
        'Set --service-account-issuer and --service-account-signing-key-file of kube-apiserver.',
      );
    }
  },
};
