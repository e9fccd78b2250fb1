import type { AccountSnapshot } from '../cluster/accounts.ts';
import type { InstalledWebhook } from '../cluster/installed-webhook.ts';
import { isMissingRight, readLines, type ClusterReader } from '../cluster/reader.ts';
import { parseSample, type Sample } from '../cluster/metrics.ts';
import type { Identity } from '../identity/identity.ts';
import { counted, matchesPattern } from '../util/text.ts';
import { KubernetesError, hasCode } from '../kubernetes/kubernetes-error.ts';
import { matchesLabels } from '../kubernetes/objects.ts';
import { namespacedPath } from '../kubernetes/paths.ts';
import { objectsAt, ownString, type JsonObject } from '../util/json.ts';
import {
  type CheckContext,
  failed,
  ofWebhook,
  passed,
  skipped,
  warning,
  type Check,
  type CheckOutcome,
} from './check.ts';

export const dryRunPod: Check = {
  code: 'dry-run-pod',
  group: 'Injection',
  title: 'a pod of an annotated ServiceAccount gets its identity, in a dry run',
  run: ofWebhook(async (webhook, context) => {
    const candidate = await findCandidate(webhook, context);
    if (candidate === undefined) {
      const where = context.namespace === undefined ? '' : ` in ${context.namespace}`;
      return skipped(`there is no ServiceAccount with a role${where} whose pods the webhook is called for`);
    }
    const tried = await tryPod(context.cluster, candidate.namespace, candidate.name);
    return judgeTrial(tried, candidate);
  }),
};

interface Candidate {
  readonly namespace: string;
  readonly name: string;
  readonly method: Identity['method'];
}

/** More namespaces are not looked into. */
const maxNamespaces = 20;

/** The first account, by name, whose pods should get an identity. */
async function findCandidate(webhook: InstalledWebhook, context: CheckContext): Promise<Candidate | undefined> {
  const byNamespace = new Map<string, Candidate>();
  for (const candidate of candidatesIn(await context.accounts())) {
    const { namespace } = candidate;
    if (context.namespace !== undefined && context.namespace !== namespace) continue;
    if (webhook.settings.injection.exemptNamespaces.some(pattern => matchesPattern(pattern, namespace))) continue;
    if (!byNamespace.has(namespace)) byNamespace.set(namespace, candidate);
  }
  const entries = webhook.hook.entries.filter(({ role }) => role === 'all');
  for (const candidate of [...byNamespace.values()].slice(0, maxNamespaces)) {
    const labels = (await context.namespaceLabels(candidate.namespace)) ?? {};
    if (entries.some(entry => matchesLabels(entry.namespaceSelector, labels))) return candidate;
  }
  return undefined;
}

function candidatesIn(accounts: AccountSnapshot): readonly Candidate[] {
  const candidates: Candidate[] = [];
  for (const [account] of accounts.annotated()) {
    const answer = accounts.identityOf(account);
    if (answer.kind === 'identity') candidates.push({ ...account, method: answer.identity.method });
  }
  return candidates.sort((a, b) => (`${a.namespace}/${a.name}` < `${b.namespace}/${b.name}` ? -1 : 1));
}

/** The pod as it would be, or why it would not be let in. Rejects with KubernetesError for a missing right. */
export async function tryPod(
  { client, timeoutMs, signal }: ClusterReader,
  namespace: string,
  serviceAccount: string,
): Promise<JsonObject | string> {
  const pod = trialPod(namespace, serviceAccount);
  try {
    return await client.create(namespacedPath('pods', namespace), pod, { timeoutMs, signal, query: { dryRun: 'All' } });
  } catch (error) {
    if (!(error instanceof KubernetesError) || !hasCode(error, 'forbidden', 'invalid', 'server_error')) throw error;
    if (error.code === 'forbidden' && isMissingRight(error.message)) throw error;
    return error.message;
  }
}

/** A pod that any namespace should let in, whatever its pod security level and quotas. It is only ever tried, by a dry run. */
function trialPod(namespace: string, serviceAccount: string): JsonObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { generateName: 'irsa-check-', namespace },
    spec: {
      serviceAccountName: serviceAccount,
      restartPolicy: 'Never',
      securityContext: { runAsNonRoot: true, runAsUser: 65_532, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [
        {
          name: 'check',
          image: 'registry.k8s.io/pause:3.10',
          resources: { requests: { cpu: '1m', memory: '1Mi' }, limits: { cpu: '1m', memory: '16Mi' } },
          securityContext: {
            allowPrivilegeEscalation: false,
            capabilities: { drop: ['ALL'] },
            readOnlyRootFilesystem: true,
          },
        },
      ],
    },
  };
}

const variables: Readonly<Record<Identity['method'], string>> = {
  web_identity: 'AWS_WEB_IDENTITY_TOKEN_FILE',
  container_credentials: 'AWS_CONTAINER_CREDENTIALS_FULL_URI',
};

function judgeTrial(tried: JsonObject | string, { namespace, name, method }: Candidate): CheckOutcome {
  if (typeof tried === 'string') return judgeRefusal(tried, namespace);
  const containers = objectsAt(tried, 'spec', 'containers');
  const has = (container: JsonObject): boolean =>
    objectsAt(container, 'env').some(entry => ownString(entry, 'name') === variables[method]);
  if (containers.some(has)) return passed(`ServiceAccount ${namespace}/${name}`);
  return failed(
    `a pod of ServiceAccount ${namespace}/${name} got no ${variables[method]}`,
    'Was the webhook called? The other checks, "failed-calls" above all, and the log of the webhook tell.',
  );
}

/** The API server's words for a call that failed under failurePolicy Fail. */
function judgeRefusal(message: string, namespace: string): CheckOutcome {
  if (!message.includes('failed calling webhook')) return skipped(`${namespace} does not let the pod in: ${message}`);
  return failed(`the API server could not call a webhook: ${message}`, 'Look at the log of the webhook that is named.');
}

/** https://kubernetes.io/docs/reference/instrumenting/metrics/ */
const failOpen = 'apiserver_admission_webhook_fail_open_count';
const rejections = 'apiserver_admission_webhook_rejection_count';

export const failedCalls: Check = {
  code: 'failed-calls',
  group: 'Injection',
  title: 'the API server has not failed to call the webhook',
  run: ofWebhook(async ({ hook }, { cluster }) => {
    const samples: Sample[] = [];
    for await (const line of readLines(cluster, '/metrics')) {
      const sample = line.startsWith(failOpen) || line.startsWith(rejections) ? parseSample(line) : undefined;
      if (sample !== undefined && hook.entries.some(({ name }) => name === sample.labels.get('name')))
        samples.push(sample);
    }
    return judgeCalls(samples);
  }),
};

/** Samples of our entries, of the one API server that answered. A rejection without an error is a decision of the webhook. */
function judgeCalls(samples: readonly Sample[]): CheckOutcome {
  const sum = (of: (sample: Sample) => boolean): number =>
    samples.filter(of).reduce((total, { value }) => total + value, 0);
  const opened = sum(({ name }) => name === failOpen);
  const rejected = sum(({ name, labels }) => name === rejections && labels.get('error_type') !== 'no_error');
  const parts = [
    ...(opened > 0 ? [`${counted(opened, 'pod')} let in without it`] : []),
    ...(rejected > 0 ? [`${counted(rejected, 'pod')} refused`] : []),
  ];
  if (parts.length === 0) return passed('since the API server that answered was started');
  return warning(
    `since its start the API server has had calls that failed: ${parts.join(', ')}`,
    'irsa audit -A finds pods without their identity. The log of the API server has the reason of each call.',
  );
}
