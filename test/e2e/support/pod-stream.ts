import { setTimeout as delay } from 'node:timers/promises';
import { isObject } from '../../../src/util/json.ts';
import { createPod } from '../../support/cluster/objects.ts';
import type { KubernetesClient } from '../../support/cluster/client.ts';

const perSecond = 20;
/** No node has it: what is tested is that pods are created, so none of them needs to run. */
const nowhere = { 'irsa-e2e/nowhere': 'true' };

/** What became of one pod, and when it was asked for, in ms since the epoch. */
export type Creation =
  | { readonly kind: 'injected'; readonly at: number }
  | { readonly kind: 'not-injected'; readonly at: number }
  | { readonly kind: 'refused'; readonly at: number; readonly message: string };

export interface PendingPodOptions {
  readonly namespace: string;
  readonly name: string;
  readonly serviceAccount: string;
  /** What it is to be given. */
  readonly role: string;
}

/** Creates a pod that no node will run. */
export async function pendingPod(api: KubernetesClient, { role, ...options }: PendingPodOptions): Promise<Creation> {
  const at = Date.now();
  const containers = [{ name: 'app', image: 'example.com/app:1' }];
  const spec = { containers, nodeSelector: nowhere };
  const { status, body } = await createPod(api, options.namespace, { ...options, spec });
  if (status !== 201) return { kind: 'refused', at, message: String(body['message']) };
  const isInjected = isObject(body['spec']) && JSON.stringify(body['spec']).includes(`"value":"${role}"`);
  return { kind: isInjected ? 'injected' : 'not-injected', at };
}

/** Creates 20 pods a second, however long each takes, before what is done, meanwhile and for a while after. */
export async function createPodsDuring(
  api: KubernetesClient,
  options: Omit<PendingPodOptions, 'name'>,
  act: () => Promise<void>,
): Promise<readonly Creation[]> {
  const end = new AbortController();
  const pods = createPodsAtRate(api, options, end.signal);
  await delay(2_000);
  try {
    await act();
    await delay(5_000);
  } finally {
    end.abort();
  }
  return await pods;
}

async function createPodsAtRate(
  api: KubernetesClient,
  options: Omit<PendingPodOptions, 'name'>,
  signal: AbortSignal,
): Promise<readonly Creation[]> {
  const creations: Promise<Creation>[] = [];
  while (!signal.aborted) {
    creations.push(pendingPod(api, { ...options, name: `stream-${Date.now()}-${creations.length}` }));
    await delay(1000 / perSecond, undefined, { signal }).catch(() => undefined);
  }
  return Promise.all(creations);
}
