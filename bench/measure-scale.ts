import { setTimeout as delay } from 'node:timers/promises';
import { annotate, createdRole, currentRole, inLanes, role, roleAnnotation } from '../test/apiserver/pods.ts';
import { registrationOf } from '../test/apiserver/registered-webhook.ts';
import { succeeded, type KubernetesClient } from '../test/support/cluster/client.ts';
import type { ClusterAccess } from '../test/support/cluster/cluster-files.ts';
import { createNamespace, createServiceAccount } from '../test/support/cluster/objects.ts';
import { createWebhookAccount, type WebhookAccount } from '../test/support/cluster/webhook-account.ts';
import { registerWebhook } from '../test/support/cluster/webhook-registration.ts';
import { imageEnvironment } from '../test/support/image-start.ts';
import { launchWebhook, startWebhook, type WebhookProcess } from '../test/support/webhook-process.ts';
import { processUsage } from './process-usage.ts';
import { median } from './statistics.ts';

/** What one size of cluster costs. Undefined where the system does not tell. */
export interface ScaleResult {
  readonly accounts: number;
  readonly listeningMs: number;
  readonly readyMs: number;
  readonly peakMiB: number | undefined;
  readonly settledMiB: number | undefined;
  readonly anonymousMiB: number | undefined;
  /** V8's used heap. */
  readonly heapMiB: number;
  readonly seenMs: { readonly p50: number; readonly max: number };
  readonly podsPerSecond: { readonly without: number; readonly with: number };
  /** Pods that did not get their role, of all that were created. */
  readonly missed: number;
}

export interface ScaleOptions {
  readonly admin: KubernetesClient;
  readonly cluster: ClusterAccess;
  /** Where the many ServiceAccounts are; `account-0` has a role. */
  readonly tenants: string;
  readonly accounts: number;
}

const starts = 3;
const settleMs = 10_000;
const changes = 20;
const changeTimeoutMs = 30_000;
const podsOfARound = 400;
const rounds = 3;
const clients = 16;

/** Starts the built webhook some times, and looks at the last one closely. */
export async function measureScale(options: ScaleOptions): Promise<ScaleResult> {
  const { admin, cluster, tenants, accounts } = options;
  const namespace = `webhook-${accounts}`;
  await createNamespace(admin, namespace);
  await using account = await createWebhookAccount(admin, cluster, { namespace });
  const times = [];
  for (let start = 0; start < starts; start += 1) times.push(await timeStart(cluster, account, namespace));
  await using webhook = await startWebhook(launchOptions(cluster, account, namespace));
  await delay(settleMs);
  const settled = processUsage.memory(webhook.pid);
  const heapMiB = ((await webhook.metric('nodejs_heap_size_used_bytes')) ?? Number.NaN) / 2 ** 20;
  const pods = await measurePods(options, namespace, webhook);
  await using _registered = await registerWebhook(admin, {
    ...registrationOf(webhook, namespace),
    namespaces: [tenants],
  });
  const seen = await timeChanges(admin, tenants);
  return {
    accounts,
    listeningMs: median(times.map(time => time.listeningMs)),
    readyMs: median(times.map(time => time.readyMs)),
    peakMiB: processUsage.memory(webhook.pid)?.peak,
    settledMiB: settled?.resident,
    anonymousMiB: settled?.anonymous,
    heapMiB,
    seenMs: { p50: median(seen), max: Math.max(...seen) },
    podsPerSecond: pods.podsPerSecond,
    missed: pods.missed,
  };
}

function launchOptions(
  cluster: ClusterAccess,
  account: WebhookAccount,
  namespace: string,
): Parameters<typeof launchWebhook>[0] {
  return {
    apiServer: cluster.url,
    credentials: account.folder,
    flags: [`--namespace=${namespace}`],
    environment: imageEnvironment(),
  };
}

async function timeStart(
  cluster: ClusterAccess,
  account: WebhookAccount,
  namespace: string,
): Promise<{ readonly listeningMs: number; readonly readyMs: number }> {
  const startMs = performance.now();
  await using webhook = await launchWebhook(launchOptions(cluster, account, namespace));
  await webhook.listening();
  const listeningMs = performance.now() - startMs;
  await webhook.ready();
  return { listeningMs, readyMs: performance.now() - startMs };
}

/** Each change gives the account another role, which a webhook that holds the old one must learn by its watch. */
async function timeChanges(admin: KubernetesClient, tenants: string): Promise<readonly number[]> {
  const times: number[] = [];
  for (let change = 0; change < changes; change += 1) {
    const wanted = role(`change-${change}`);
    await annotate(admin, tenants, 'account-0', { [roleAnnotation]: wanted });
    const startMs = performance.now();
    while ((await currentRole(admin, tenants, 'account-0')) !== wanted) {
      if (performance.now() - startMs > changeTimeoutMs) throw new Error('a changed role was not seen within 30 s');
    }
    times.push(performance.now() - startMs);
  }
  return times;
}

interface Pods {
  readonly podsPerSecond: ScaleResult['podsPerSecond'];
  readonly missed: number;
}

/** Round by round without and with the hook, so that what else the machine does meets both. */
async function measurePods({ admin }: ScaleOptions, namespace: string, webhook: WebhookProcess): Promise<Pods> {
  const places = { plain: `${namespace}-plain`, hooked: `${namespace}-hooked` };
  for (const place of Object.values(places)) {
    await createNamespace(admin, place);
    await createServiceAccount(admin, place, 'app', { [roleAnnotation]: role('app') });
  }
  await using _registered = await registerWebhook(admin, {
    ...registrationOf(webhook, places.hooked),
    namespaces: [places.hooked],
  });
  const without: number[] = [];
  const withHook: number[] = [];
  let missed = 0;
  for (let round = 0; round < rounds; round += 1) {
    without.push((await createPods(admin, places.plain, round)).perSecond);
    const created = await createPods(admin, places.hooked, round);
    withHook.push(created.perSecond);
    missed += created.roles.filter(found => found !== role('app')).length;
  }
  for (const place of Object.values(places)) succeeded(await admin.delete(`/api/v1/namespaces/${place}/pods`));
  return { podsPerSecond: { without: median(without), with: median(withHook) }, missed };
}

interface CreatedPods {
  readonly perSecond: number;
  readonly roles: readonly (string | undefined)[];
}

async function createPods(admin: KubernetesClient, namespace: string, round: number): Promise<CreatedPods> {
  const names = Array.from({ length: podsOfARound }, (_, index) => `pod-${round}-${index}`);
  const roles: (string | undefined)[] = [];
  const startMs = performance.now();
  await inLanes(clients, names, async name => {
    roles.push(await createdRole(admin, namespace, { name, serviceAccount: 'app' }));
  });
  return { perSecond: (podsOfARound * 1_000) / (performance.now() - startMs), roles };
}
