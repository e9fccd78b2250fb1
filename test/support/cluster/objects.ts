// The objects that nearly every test needs. All but createPod throw when the API server refuses.
import { z } from 'zod';
import { succeeded, type CallOptions, type KubernetesAnswer, type KubernetesClient } from './client.ts';

/** Creates the namespace with its `default` ServiceAccount, which elsewhere the controller manager adds. */
export async function createNamespace(client: KubernetesClient, name: string): Promise<void> {
  succeeded(await client.create('/api/v1/namespaces', { metadata: { name } }));
  await createServiceAccount(client, name, 'default');
}

export async function createServiceAccount(
  client: KubernetesClient,
  namespace: string,
  name: string,
  annotations: { readonly [name: string]: string } = {},
): Promise<void> {
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts`;
  succeeded(await client.create(path, { metadata: { name, annotations } }));
}

export interface PodOptions extends CallOptions {
  readonly name: string;
  readonly serviceAccount?: string;
  readonly labels?: { readonly [name: string]: string };
  readonly annotations?: { readonly [name: string]: string };
  /** Over the default: one container, `app`. */
  readonly spec?: object;
}

/** Creates a pod, and gives the API server's answer, whatever it is: a test may expect the refusal. */
export async function createPod(
  client: KubernetesClient,
  namespace: string,
  { name, serviceAccount = 'default', labels = {}, annotations = {}, spec, ...options }: PodOptions,
): Promise<KubernetesAnswer> {
  const pod = {
    metadata: { name, labels, annotations },
    spec: { serviceAccountName: serviceAccount, containers: [{ name: 'app', image: 'example.com/app:1' }], ...spec },
  };
  return client.create(`/api/v1/namespaces/${namespace}/pods`, pod, options);
}

export interface TokenOptions {
  /** Default: the API server's own. */
  readonly audience?: string;
  /** The API server takes no less than 600. */
  readonly expirationSeconds?: number;
  readonly boundPod?: { readonly name: string; readonly uid: string };
}

const tokenRequest = z.object({ status: z.object({ token: z.string() }) });

/** Requests a token for the ServiceAccount, as the kubelet does for a projected volume. */
export async function requestToken(
  client: KubernetesClient,
  namespace: string,
  serviceAccount: string,
  { audience, expirationSeconds = 3600, boundPod }: TokenOptions = {},
): Promise<string> {
  const spec = {
    ...(audience !== undefined && { audiences: [audience] }),
    expirationSeconds,
    ...(boundPod !== undefined && { boundObjectRef: { apiVersion: 'v1', kind: 'Pod', ...boundPod } }),
  };
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${serviceAccount}/token`;
  return tokenRequest.parse(succeeded(await client.create(path, { spec })).body).status.token;
}
