import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { isObject, ownList, ownObject, ownString, type JsonObject } from '../../src/util/type-guards.ts';
import { createdRole, role, withRole } from '../apiserver/pods.ts';
import { connect, succeeded } from '../cluster/client.ts';
import { startCluster } from '../cluster/cluster.ts';
import { createNamespace, createPod, createServiceAccount } from '../cluster/objects.ts';
import { createWebhookAccount } from '../cluster/webhook-account.ts';
import { startWebhook } from '../support/webhook-process.ts';
import { waitFor } from '../support/wait-for.ts';
import { figureOf, type Fault } from './support/fault.ts';
import { Tally, type Outcome } from './support/tally.ts';

const manifest = join(import.meta.dirname, '..', '..', 'deploy', 'install.yaml');
const path = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations';
const podsOfEach = 20;

interface Registration {
  readonly namespace: string;
  readonly labels: { readonly [name: string]: string };
  readonly configuration: JsonObject;
}

/** What an installation registers, with `Fail` for all, and the labels of the webhook's own pods. */
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

/** The same, called at this URL in place of the Service. */
function calledAt({ configuration }: Registration, url: string, caBundle: string): object {
  const clientConfig = { url, caBundle: Buffer.from(caBundle).toString('base64') };
  const webhooks = ownList(configuration, 'webhooks').map(entry =>
    isObject(entry) ? { ...entry, clientConfig, failurePolicy: 'Fail' } : {},
  );
  return { ...configuration, webhooks };
}

export const coldStart: Fault = {
  row: 25,
  name: 'a whole cluster starts with `Fail`, and the webhook is not there yet',
  behaviour: "its own pods, kube-system's and those with the skip label are not its business, so that it can start",
  expected: '0; other pods only once it runs',
  isShort: false,
  waits: false,
  async run() {
    const registration = await readRegistration();
    await using cluster = await startCluster();
    using admin = connect({ ...cluster, token: cluster.adminToken });
    const { namespace, labels } = registration;
    if (namespace !== 'kube-system') await createNamespace(admin, namespace);
    await createNamespace(admin, 'apps');
    await createServiceAccount(admin, 'kube-system', 'default').catch(() => undefined);
    await createServiceAccount(admin, 'apps', 'app', withRole('app'));
    const nowhere = 'https://127.0.0.1:1/mutate';
    succeeded(await admin.create(path, calledAt(registration, nowhere, cluster.ca)));
    const app = { name: 'app', serviceAccount: 'app', dryRun: true };
    const isRefused = async (): Promise<boolean> => (await createPod(admin, 'apps', app)).status === 500;
    await waitFor(isRefused, { what: 'the registration to be in force', timeoutMs: 60_000 });
    const tally = new Tally();
    const create = async (where: string, labelled: Registration['labels']): Promise<Outcome> => {
      const { status, body } = await createPod(admin, where, { name: 'pod', dryRun: true, labels: labelled });
      return status === 201 ? { kind: 'mutated' } : { kind: 'failed', cause: String(body['message']) };
    };
    for (let index = 0; index < podsOfEach; index += 1) {
      await tally.count(create(namespace, labels));
      await tally.count(create('kube-system', {}));
      await tally.count(create('apps', { 'eks.amazonaws.com/skip-pod-identity-webhook': 'true' }));
    }
    await using account = await createWebhookAccount(admin, cluster, { namespace, name: 'webhook-of-this-test' });
    await using webhook = await startWebhook({ apiServer: cluster.url, credentials: account.folder });
    const name = ownString(ownObject(registration.configuration, 'metadata') ?? {}, 'name') ?? '';
    succeeded(await admin.delete(`${path}/${name}`));
    succeeded(await admin.create(path, calledAt(registration, webhook.url, webhook.caBundle)));
    const hasRole = async (): Promise<boolean> => (await createdRole(admin, 'apps', app)) === role('app');
    await waitFor(hasRole, { what: 'pods to be created', timeoutMs: 60_000 });
    return figureOf(tally, `with the registration of deploy/install.yaml ${tally.causes()}`);
  },
};
