import { succeeded, type KubernetesAnswer, type KubernetesClient } from '../support/cluster/client.ts';
import { createPod, createServiceAccount, type PodOptions } from '../support/cluster/objects.ts';

/** The fields of a stored pod that tests look at. */
export interface Pod {
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly labels?: { readonly [name: string]: string };
  };
  readonly spec: {
    readonly volumes?: readonly Volume[];
    readonly initContainers?: readonly Container[];
    readonly containers: readonly Container[];
    readonly ephemeralContainers?: readonly Container[];
  };
}

export interface Container {
  readonly name: string;
  readonly env?: readonly { readonly name: string; readonly value?: string; readonly valueFrom?: object }[];
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string }[];
}

export interface Volume {
  readonly name: string;
  readonly projected?: { readonly sources: readonly { readonly serviceAccountToken?: TokenSource }[] };
}

export interface TokenSource {
  readonly audience: string;
  readonly expirationSeconds: number;
  readonly path: string;
}

export const role = (name: string): string => `arn:aws:iam::111122223333:role/${name}`;

export const roleAnnotation = 'eks.amazonaws.com/role-arn';

/** Annotations of a ServiceAccount with this role. */
export const withRole = (name: string): { readonly [name: string]: string } => ({ [roleAnnotation]: role(name) });

/** The pod of an answer; throws with the API server's words when there is none. */
export function podOf(answer: KubernetesAnswer): Pod {
  return succeeded(answer).body as unknown as Pod;
}

/** The value of a variable of the container; undefined when it has none. */
export function variableOf(container: Container | undefined, name: string): string | undefined {
  return container?.env?.find(variable => variable.name === name)?.value;
}

/** The role that the first container got. */
export function roleOf({ spec }: Pod): string | undefined {
  return variableOf(spec.containers[0], 'AWS_ROLE_ARN');
}

/** Creates a pod and gives the role that it got. */
export async function createdRole(
  client: KubernetesClient,
  namespace: string,
  options: PodOptions,
): Promise<string | undefined> {
  return roleOf(podOf(await createPod(client, namespace, options)));
}

/** The role that a pod of this account would get now. */
export function currentRole(
  client: KubernetesClient,
  namespace: string,
  serviceAccount: string,
): Promise<string | undefined> {
  return createdRole(client, namespace, { name: 'probe', serviceAccount, dryRun: true });
}

/** Merges annotations into those of the ServiceAccount; null removes one. */
export async function annotate(
  client: KubernetesClient,
  namespace: string,
  name: string,
  annotations: { readonly [name: string]: string | null },
): Promise<void> {
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${name}`;
  succeeded(await client.patch(path, 'merge-patch', { metadata: { annotations } }));
}

/** Creates `count` accounts, `lanes` at a time. */
export async function createServiceAccounts(
  client: KubernetesClient,
  namespace: string,
  names: readonly string[],
  annotationsOf: (name: string) => { readonly [name: string]: string } = () => ({}),
): Promise<void> {
  await inLanes(24, names, name => createServiceAccount(client, namespace, name, annotationsOf(name)));
}

/** Does the work for each item, for at most `lanes` of them at a time. */
export async function inLanes<T>(
  lanes: number,
  items: readonly T[],
  work: (item: T, index: number) => Promise<void>,
): Promise<void> {
  const remaining = items.entries();
  const lane = async (): Promise<void> => {
    for (const [index, item] of remaining) await work(item, index);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}
