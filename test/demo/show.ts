import { join } from 'node:path';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import type { JsonObject } from '../../src/util/json.ts';
import { succeeded, type KubernetesClient } from '../support/cluster/client.ts';
import { requestToken } from '../support/cluster/objects.ts';
import { createTempFolder } from '../support/temp-folder.ts';
import { createAccounts, expectNothingThere, removeEverything } from './demo-objects.ts';
import { exchange } from './exchange.ts';
import type { DemoCluster } from './find-cluster.ts';
import { interruptible } from './interruptible.ts';
import { connectByKubeconfig } from './kubeconfig-client.ts';
import { app, namespace, plain, roleArn } from './names.ts';
import { diffPods } from './pod-diff.ts';
import { readIdentifiedPod, storePod, type IdentifiedPod } from './pods.ts';
import type { Printer } from './printer.ts';
import { shownFlags, startDemoWebhook, type DemoWebhook } from './webhook.ts';

export interface Show {
  readonly printer: Printer;
  readonly openCluster: () => Promise<DemoCluster>;
  /** Takes what has to be ended or removed, in the order of its creation. */
  readonly stack: AsyncDisposableStack;
  /** Nothing more is created after it. */
  readonly signal: AbortSignal;
}

/** What a request to register takes at most, not the wait until the API server has noticed. */
const registrationMs = 1_000;

/** What the steps have in common. */
interface Stage {
  readonly printer: Printer;
  readonly stack: AsyncDisposableStack;
  readonly signal: AbortSignal;
  readonly client: KubernetesClient;
  readonly cluster: DemoCluster;
  readonly folder: string;
}

/** Shows a pod on its way to its AWS identity, step by step. */
export async function showEverything(show: Show): Promise<void> {
  const { printer } = show;
  printer.title('irsa-webhook: a pod gets its AWS identity');

  printer.step('A Kubernetes API server');
  const stage = await openStage(show);

  printer.step('A ServiceAccount names the role of its pods');
  await createAccounts(stage.client);
  printer.say(`ServiceAccount ${namespace}/${app}, annotation eks.amazonaws.com/role-arn: ${roleArn}`);
  const appBefore = await storePod(stage.client, app, { dryRun: true });
  const plainBefore = await storePod(stage.client, plain, { dryRun: true });
  expectNoIdentity(appBefore);

  printer.step('The webhook starts, becomes ready and is registered');
  const webhook = await showWebhook(stage);

  printer.step('A pod of that ServiceAccount, as stored without the webhook and (+) with it');
  const pod = await showPod(stage, webhook, appBefore);

  printer.step('Its token, requested as the kubelet requests it for that volume');
  const token = await showToken(stage, pod);

  printer.step('The AWS SDK, with that token and the variables of that container, asks AWS STS who it is');
  await showExchange(stage, pod, token);

  printer.step('A pod whose ServiceAccount names no role stays as it is');
  await showUntouchedPod(stage, webhook, plainBefore);
}

async function openStage({ printer, openCluster, stack, signal }: Show): Promise<Stage> {
  const started = performance.now();
  const cluster = stack.use(await openCluster());
  const { path: folder } = stack.use(await createTempFolder());
  const client = await connectByKubeconfig(cluster.kubeconfig, signal);
  const version = String(succeeded(await client.get('/version')).body['gitVersion']);
  const where = cluster.isOurs ? `and etcd, started on this machine in ${secondsSince(started)}` : 'of DEMO_KUBECONFIG';
  printer.say(`kube-apiserver ${version} ${where}: ${client.url}`);
  if (!cluster.isOurs) {
    printer.say(`assumed to reach this machine at ${cluster.host}; DEMO_WEBHOOK_HOST names another address`);
    await interruptible(expectNothingThere(client), signal);
    // By a client that still works after the signal.
    stack.defer(async () => removeEverything(await connectByKubeconfig(cluster.kubeconfig)));
  }
  return { printer, stack, signal, client, cluster, folder };
}

/** Where another webhook is at work there would be nothing to see. */
function expectNoIdentity(pod: JsonObject): void {
  if (!JSON.stringify(pod).includes('AWS_ROLE_ARN')) return;
  throw new Error('expected a cluster that gives pods no AWS identity yet, found that another webhook of it does');
}

async function showWebhook({ printer, stack, signal, client, cluster, folder }: Stage): Promise<DemoWebhook> {
  const started = performance.now();
  const webhook = stack.use(await startDemoWebhook({ client, cluster, folder }));
  printer.say(`$ irsa serve ${shownFlags.join(' ')} ...  (ready after ${secondsSince(started)})`);
  await interruptible(webhook.register(), signal, registrationMs);
  printer.say(`registered for pods of the namespace ${namespace}, failurePolicy Ignore: ${webhook.url}`);
  return webhook;
}

async function showPod({ printer, client }: Stage, webhook: DemoWebhook, before: JsonObject): Promise<IdentifiedPod> {
  const after = await storePod(client, app);
  const logLine = await webhook.logLine(app);
  printer.diff(diffPods(before, after));
  printer.say(`log: ${logLine}`);
  return readIdentifiedPod(after);
}

async function showToken({ printer, client }: Stage, pod: IdentifiedPod): Promise<string> {
  const { audience, expirationSeconds } = pod.token;
  const boundPod = { name: pod.name, uid: pod.uid };
  const token = await requestToken(client, namespace, app, { audience, expirationSeconds, boundPod });
  const { alg = '', kid = '' } = decodeProtectedHeader(token);
  const { iss = '', sub = '', aud, iat = 0, exp = 0 } = decodeJwt(token);
  printer.table([
    ['alg', alg],
    ['kid', kid],
    ['iss', iss],
    ['sub', sub],
    ['aud', [aud].flat().join(', ')],
    ['exp', `${new Date(exp * 1000).toISOString()}, ${exp - iat} s after it was issued`],
  ]);
  return token;
}

async function showExchange({ printer, client, folder }: Stage, pod: IdentifiedPod, token: string): Promise<void> {
  const identity = await exchange({ client, pod, token, root: join(folder, 'container') });
  if (identity.kind === 'refused') throw new Error(`STS refused the token: ${identity.name}: ${identity.message}`);
  printer.say('A stand-in for AWS STS verified signature, issuer, audience, time and the trust policy of the role');
  printer.say(`GetCallerIdentity: ${identity.arn}`);
}

async function showUntouchedPod({ printer, client }: Stage, webhook: DemoWebhook, before: JsonObject): Promise<void> {
  const changes = diffPods(before, await storePod(client, plain));
  const logLine = await webhook.logLine(plain);
  if (changes.length > 0) throw new Error(`expected the pod ${plain} unchanged, found ${changes.length} other lines`);
  printer.say('no difference');
  printer.say(`log: ${logLine}`);
}

function secondsSince(startMs: number): string {
  return `${((performance.now() - startMs) / 1000).toFixed(1)} s`;
}
