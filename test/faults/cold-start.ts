import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { isObject, ownList, ownObject, ownString, type JsonObject } from '../../src/util/json.ts';
import { createdRole, role, withRole } from '../apiserver/pods.ts';
import { connect, succeeded, type KubernetesClient } from '../support/cluster/client.ts';
import { startCluster } from '../support/cluster/cluster.ts';
import { createNamespace, createPod, createServiceAccount } from '../support/cluster/objects.ts';
import { createWebhookAccount } from '../support/cluster/webhook-account.ts';
import { startWebhook } from '../support/webhook-process.ts';
import { waitFor } from '../support/wait-for.ts';
import { figureOf, type Fault } from './support/fault.ts';
import { sum, Tally, type Outcome } from './support/tally.ts';

const manifest = join(import.meta.dirname, '..', '..', 'deploy', 'install.yaml');
const path = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations';
const podsOfEach = 20;

interface Registration {
  readonly namespace: string;
  readonly labels: { readonly [name: string]: string };
  readonly configuration: JsonObject;
}

/** What an installation registers, and the labels of the webhook's own pods. */
async function readRegistration(): Promise<Registration> {
  const documents = parseAllDocuments(await readFile(manifest, 'utf8')).map((document): unknown => document.toJS());
  const find = (kind: string): JsonObject => {
    const found = documents.find(document => isObject(document) && document['kind'] === kind);
    if (!isObject(found)) throw new Error(`expected a ${kind} in ${manifest}`);
    return found;
  };
  const deployment = find('Deployment');
  const template = ownObject(ownObject(deployment, 'spec') ?? {}, 'template') ?? {};
  const labels = ownObject(ownObject(template, 'metadata') ?? {}, 'labels') ?? {};
  return {
    namespace: ownString(ownObject(deployment, 'metadata') ?? {}, 'namespace') ?? '',
    labels: Object.fromEntries(Object.entries(labels).map(([name, value]) => [name, String(value)])),
    configuration: find('MutatingWebhookConfiguration'),
  };
}

/** With `Fail` for all pods, as some operators want it: then kube-system has to be left out, where the network comes from. */
const failForAll = {
  failurePolicy: 'Fail',
  namespaceSelector: {
    matchExpressions: [
      { key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: ['kube-system', 'irsa-system'] },
    ],
  },
};

/** The registration, called at this URL in place of the Service. */
function calledAt({ configuration }: Registration, url: string, caBundle: string, changes: object = {}): object {
  const clientConfig = { url, caBundle: Buffer.from(caBundle).toString('base64') };
  const webhooks = ownList(configuration, 'webhooks').map(entry =>
    isObject(entry) ? { ...entry, ...changes, clientConfig } : {},
  );
  return { ...configuration, webhooks };
}

interface ColdCluster {
  readonly admin: KubernetesClient;
  readonly registration: Registration;
}

const nowhere = 'https://127.0.0.1:1/mutate';
const required = { 'eks.amazonaws.com/require-pod-identity': 'true' };
const skipped = { 'eks.amazonaws.com/skip-pod-identity-webhook': 'true' };
const app = { name: 'app', serviceAccount: 'app', dryRun: true };

/** Replaces what is registered, and waits until the API server goes by it: the pod is refused. */
async function register({ admin }: ColdCluster, configuration: object, labels: Registration['labels']): Promise<void> {
  await admin.delete(`${path}/irsa-webhook`);
  succeeded(await admin.create(path, configuration));
  const isRefused = async (): Promise<boolean> => (await createPod(admin, 'apps', { ...app, labels })).status === 500;
  await waitFor(isRefused, { what: 'the registration to be in force', timeoutMs: 60_000 });
}

/** Creates pods that have to be let in while nobody answers. */
async function createPods(
  { admin }: ColdCluster,
  pods: readonly (readonly [namespace: string, labels: Registration['labels']])[],
): Promise<Tally> {
  const tally = new Tally();
  const create = async (namespace: string, labels: Registration['labels']): Promise<Outcome> => {
    const { status, body } = await createPod(admin, namespace, { name: 'pod', dryRun: true, labels });
    return status === 201 ? { kind: 'mutated' } : { kind: 'failed', cause: String(body['message']) };
  };
  for (let index = 0; index < podsOfEach; index += 1) {
    for (const [namespace, labels] of pods) await tally.count(create(namespace, labels));
  }
  return tally;
}

export const coldStart: Fault = {
  row: 25,
  name: 'a whole cluster starts, and the webhook is not there yet',
  behaviour:
    'its own pods are not its business, so that it can start; all others are created but those that require an identity. Who sets `Fail` for all has to leave out kube-system too',
  expected: '0; what requires an identity is created once the webhook runs',
  isShort: false,
  waits: false,
  async run() {
    const registration = await readRegistration();
    await using cluster = await startCluster();
    using admin = connect({ ...cluster, token: cluster.adminToken });
    const { namespace, labels } = registration;
    for (const name of [namespace, 'apps']) await createNamespace(admin, name);
    await createServiceAccount(admin, 'kube-system', 'default').catch(() => undefined);
    await createServiceAccount(admin, 'apps', 'app', withRole('app'));
    const cold = { admin, registration };
    const ofAll = [
      [namespace, labels],
      ['kube-system', {}],
      ['apps', skipped],
    ] as const;
    await register(cold, calledAt(registration, nowhere, cluster.ca), required);
    const asInstalled = await createPods(cold, [...ofAll, ['apps', {}]]);
    await register(cold, calledAt(registration, nowhere, cluster.ca, failForAll), {});
    const withFail = await createPods(cold, ofAll);
    await using account = await createWebhookAccount(admin, cluster, { namespace, name: 'webhook-of-this-test' });
    await using webhook = await startWebhook({ apiServer: cluster.url, credentials: account.folder });
    await admin.delete(`${path}/irsa-webhook`);
    succeeded(await admin.create(path, calledAt(registration, webhook.url, webhook.caBundle)));
    const hasRole = async (): Promise<boolean> =>
      (await createdRole(admin, 'apps', { ...app, labels: required })) === role('app');
    await waitFor(hasRole, { what: 'pods to be created', timeoutMs: 60_000 });
    const tallies = [asInstalled, withFail];
    const causes = tallies.map(tally => tally.causes()).join(' ');
    return figureOf(sum(tallies), `registered as by deploy/install.yaml, and with Fail for all ${causes}`);
  },
};
