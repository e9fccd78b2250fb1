// `make demo CLUSTER=kind`, and `make demo` where a Docker engine answers: the image and the chart on a cluster of kind, with a
// real kubelet, which gives the pod its token, and an AWS SDK in that pod. Beside what test/e2e/machine/with-cluster.ts reads.
import { isObject, type JsonObject } from '../../src/util/json.ts';
import { mustRun } from '../e2e/machine/command.ts';
import { withCluster } from '../e2e/machine/with-cluster.ts';
import { application, outputOf } from '../e2e/support/application.ts';
import { apply, kubectl } from '../e2e/support/kubectl.ts';
import { installRelease, release, releaseNamespace, uninstallRelease } from '../e2e/support/release.ts';
import { deploySts } from '../e2e/support/sts.ts';
import { app, namespace, plain, roleArn } from './names.ts';
import { diffPods } from './pod-diff.ts';
import { createPrinter } from './printer.ts';

await withCluster({ file: import.meta.filename, use: show });

async function show(): Promise<boolean> {
  const printer = createPrinter(process.stdout);
  printer.title('\nirsa-webhook: a pod gets its AWS identity');

  printer.step('A Kubernetes cluster on kind');
  printer.say((await kubectl('get', 'nodes', '--output=wide', '--no-headers')).trim().replaceAll(/ {2,}/g, '  '));

  printer.step('A ServiceAccount names the role of its pods');
  await createAccounts();
  const sts = await deploySts(namespace, { [roleArn]: app });
  printer.say(`ServiceAccount ${namespace}/${app}, annotation eks.amazonaws.com/role-arn: ${roleArn}`);
  const pod = (name: string): object =>
    application({ namespace, name, serviceAccount: name, sts, spec: { automountServiceAccountToken: false } });
  const before = {
    app: await create(pod(app), '--dry-run=server'),
    plain: await create(pod(plain), '--dry-run=server'),
  };

  printer.step('The chart is installed');
  const started = performance.now();
  await installRelease();
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  printer.say(
    `$ helm install ${release} charts/irsa-webhook -n ${releaseNamespace} --create-namespace --wait ...  (${seconds} s)`,
  );

  printer.step('A pod of that ServiceAccount, as stored without the webhook and (+) with it');
  printer.diff(diffPods(before.app, await create(pod(app))));

  printer.step('Its application, an AWS SDK with nothing but that, asks AWS STS who it is');
  printer.say('A stand-in for AWS STS verifies signature, issuer, audience, time and the trust policy of the role');
  printer.say(`GetCallerIdentity: ${(await outputOf(namespace, app)).trim()}`);

  printer.step('A pod whose ServiceAccount names no role stays as it is');
  const changes = diffPods(before.plain, await create(pod(plain)));
  if (changes.length > 0) throw new Error(`expected the pod ${plain} unchanged, found ${changes.length} other lines`);
  printer.say('no difference');

  printer.step('helm uninstall leaves nothing, and the cluster is deleted');
  await uninstallRelease();
  await kubectl('delete', 'namespace', namespace, '--wait=false');
  return true;
}

async function createAccounts(): Promise<void> {
  const account = (name: string, annotations: object): object => ({
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name, namespace, annotations },
  });
  await apply(
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
    account(app, { 'eks.amazonaws.com/role-arn': roleArn }),
    account(plain, {}),
  );
  // The stand-in for STS runs as it, and a controller makes it.
  await kubectl('wait', 'serviceaccount/default', '--for=create', '--namespace', namespace, '--timeout=30s');
}

/** Gives the pod as the API server has stored it, or would. */
async function create(pod: object, ...flags: readonly string[]): Promise<JsonObject> {
  const args = ['create', ...flags, '--output=json', '--filename', '-'];
  const created: unknown = JSON.parse(await mustRun('kubectl', args, { input: JSON.stringify(pod) }));
  if (!isObject(created)) throw new Error('expected kubectl to print a pod as an object');
  return created;
}
