import { X509Certificate } from 'node:crypto';
import { ownObject, ownString } from '../../../src/util/json.ts';
import { bundlesOf } from '../../certificates/self-managed/webhook-objects.ts';
import { succeeded } from '../../support/cluster/client.ts';
import { waitFor } from '../../support/wait-for.ts';
import type { ApiProxy } from './api-proxy.ts';
import type { Lab } from './lab.ts';
import { startService, type Service } from './service.ts';

const configurations = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations';
const bindings = '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings';
const serviceName = 'irsa-webhook';
const secretName = 'irsa-webhook-ca';
/** The CA of a rotation has to be trusted by every API server before it signs. Here there is one. */
const settleSeconds = 3;

export interface SelfManagedOptions {
  readonly name: string;
  readonly proxy: ApiProxy;
}

/** A service with an authority of its own, called by the API server as it calls a Service: by name. */
export interface SelfManagedService extends AsyncDisposable {
  readonly service: Service;
  /** The path of the Secret that holds the authority. */
  readonly secretPath: string;
  /** The name by which the API server calls, and verifies. */
  readonly servername: string;
  /** What API servers are told to trust now. */
  bundle(): Promise<string>;
  trusted(): Promise<readonly X509Certificate[]>;
  /** `ca.crt` of the Secret; undefined when there is none. */
  authority(): Promise<string | undefined>;
}

/** Starts two replicas, and waits until pods get their identity. */
export async function startSelfManaged(lab: Lab, { name, proxy }: SelfManagedOptions): Promise<SelfManagedService> {
  await using resources = new AsyncDisposableStack();
  const { admin } = lab;
  const flags = [
    '--certificates=self-managed',
    `--service-name=${serviceName}`,
    `--webhook-configuration=${name}`,
    `--ca-secret=${secretName}`,
    '--ca-duration=1h',
    '--certificate-duration=10m',
    `--ca-settle-time=${settleSeconds}s`,
  ];
  const service = resources.use(await startService(lab, { name, proxy, flags, replicas: 0, isRegistered: false }));
  await createObjects(lab, service);
  resources.defer(async () => void (await admin.delete(`${configurations}/${name}`)));
  await Promise.all([service.launch(), service.launch()]);
  await service.balanced(2);
  const isCalled = async (): Promise<boolean> => (await service.pod()).kind === 'mutated';
  await waitFor(isCalled, { what: 'the API server to call the Service', timeoutMs: 30_000 });
  const secretPath = `/api/v1/namespaces/${name}/secrets/${secretName}`;
  const bundle = async (): Promise<string> =>
    bundlesOf(succeeded(await admin.get(`${configurations}/${name}`)).body)[0] ?? '';
  const owned = resources.move();
  return {
    ...{ service, secretPath, bundle, servername: `${serviceName}.${name}.svc` },
    trusted: async () => certificatesOf(await bundle()),
    async authority() {
      const { body } = await admin.get(secretPath);
      return ownString(ownObject(body, 'data') ?? {}, 'ca.crt');
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** The Service leads to the dialer by name, where a cluster has addresses. */
async function createObjects({ admin }: Lab, { namespace, dialer }: Service): Promise<void> {
  const spec = { type: 'ExternalName', externalName: 'localhost' };
  succeeded(await admin.create(`/api/v1/namespaces/${namespace}/services`, { metadata: { name: serviceName }, spec }));
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' };
  const subjects = [{ kind: 'ServiceAccount', namespace, name: 'irsa-webhook' }];
  succeeded(await admin.create(bindings, { metadata: { name: `${namespace}-admin` }, roleRef, subjects }));
  const webhook = {
    name: `${namespace}.irsa-webhook.test`,
    clientConfig: { service: { namespace, name: serviceName, path: '/mutate', port: dialer.port } },
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
    failurePolicy: 'Fail',
    admissionReviewVersions: ['v1'],
    sideEffects: 'None',
    rules: [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] }],
  };
  succeeded(await admin.create(configurations, { metadata: { name: namespace }, webhooks: [webhook] }));
}

function certificatesOf(bundle: string): readonly X509Certificate[] {
  const blocks = bundle.split(/(?<=-----END CERTIFICATE-----\n)/).filter(block => block.trim() !== '');
  return blocks.map(block => new X509Certificate(block));
}
