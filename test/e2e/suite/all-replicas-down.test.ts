import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { waitFor } from '../../support/wait-for.ts';
import { run, type CommandResult } from '../machine/command.ts';
import { application, getPod, outputOf, roleOf, runToEnd, script } from '../support/application.ts';
import { apply, kubectl } from '../support/kubectl.ts';
import { roleArn, serviceAccount, useNamespace } from '../support/namespace.ts';
import { ensureInstalled, release, releaseNamespace } from '../support/release.ts';

const namespace = useNamespace();
const role = roleArn('reader');
const command = script('');
const required = { 'eks.amazonaws.com/require-pod-identity': 'true' };

function scale(replicas: number): Promise<string> {
  return kubectl('scale', `deployment/${release}`, '--namespace', releaseNamespace, `--replicas=${replicas}`);
}

function tryApply(object: object): Promise<CommandResult> {
  return run('kubectl', ['apply', '--filename', '-'], { input: JSON.stringify(object) });
}

async function noReplicaIsLeft(): Promise<boolean> {
  const selector = `app.kubernetes.io/instance=${release}`;
  return (
    (await kubectl('get', 'pods', '--namespace', releaseNamespace, '--selector', selector, '--output', 'name')) === ''
  );
}

describe('all replicas down', () => {
  beforeAll(async () => {
    await ensureInstalled();
    await apply(serviceAccount({ namespace, name: 'reader', role }));
    await scale(0);
    await waitFor(noReplicaIsLeft, { what: 'the replicas to end', timeoutMs: 60_000, intervalMs: 500 });
  });
  afterAll(() => scale(2));

  test('lets pods start that do not require an identity', async () => {
    await runToEnd({ namespace, name: 'optional', serviceAccount: 'reader', command });
    expect(roleOf(await getPod(namespace, 'optional'))).toBeUndefined();
  });

  test('refuses pods that require one, and says why', async () => {
    const pod = application({ namespace, name: 'required', serviceAccount: 'reader', command, labels: required });
    const { code, stderr } = await tryApply(pod);
    expect(code).not.toBe(0);
    expect(stderr).toMatch(/failed calling webhook "require\.pod-identity-webhook/);
  });

  test('recovers without help', async () => {
    await scale(2);
    await kubectl('rollout', 'status', `deployment/${release}`, '--namespace', releaseNamespace, '--timeout=90s');
    // As a controller would, until kube-proxy knows the replica. One attempt may take the 10 s of its call: in iptables mode
    // kube-proxy commits the filter table, which refused, before the nat table, which leads to the replica; a connection
    // that is opened in between is remembered as one without a destination, and its repeated SYNs with it.
    const pod = application({ namespace, name: 'required', serviceAccount: 'reader', command, labels: required });
    const isCreated = async (): Promise<boolean> => (await tryApply(pod)).code === 0;
    await waitFor(isCreated, { what: 'a pod to be created', timeoutMs: 30_000, intervalMs: 500 });
    await outputOf(namespace, 'required');
    expect(roleOf(await getPod(namespace, 'required'))).toBe(role);
  });
});
