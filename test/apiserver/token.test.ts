import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeJwt } from 'jose';
import { expect, test } from 'vitest';
import { createPod, createServiceAccount, requestToken } from '../support/cluster/objects.ts';
import { describeOnCluster } from '../support/cluster/shared-cluster.ts';
import { startSts } from '../support/sts/sts-server.ts';
import { webIdentityPolicy } from '../support/sts/web-identity-policy.ts';
import { whoAmI } from '../support/sts/who-am-i.ts';
import { createTempFolder } from '../support/temp-folder.ts';
import { podOf, role, withRole, type Pod, type TokenSource } from './pods.ts';
import { runRegisteredWebhook } from './registered-webhook.ts';

const account = '111122223333';

describeOnCluster('what is injected', (cluster, admin) => {
  test('lets the AWS SDK assume the role, with the token that the kubelet would request for the volume', async () => {
    const namespace = 'token';
    const { url: issuer, ca } = cluster;
    const trustPolicy = webIdentityPolicy({ account, issuer, namespace, serviceAccount: 'app' });
    await using sts = await startSts({
      providers: [{ issuer, audiences: ['sts.amazonaws.com'], ca }],
      roles: [{ arn: role('app'), trustPolicy }],
    });
    // The container's file system is ours: so the injected path is one that this process can write to.
    await using mount = await createTempFolder();
    await using _ = await runRegisteredWebhook(admin, cluster, {
      namespace,
      flags: [
        `--token-mount-path=${mount.path}`,
        '--aws-default-region=eu-central-1',
        '--role-session-name=pod',
        '--token-expiration=7200',
      ],
    });
    await createServiceAccount(admin, namespace, 'app', withRole('app'));
    const own = [{ name: 'AWS_ENDPOINT_URL_STS', value: sts.url }];
    const spec = { containers: [{ name: 'app', image: 'example.com/app:1', env: own }] };
    const pod = podOf(await createPod(admin, namespace, { name: 'app', serviceAccount: 'app', spec }));

    const { audience, expirationSeconds, path } = tokenSourceOf(pod);
    const { name, uid } = pod.metadata;
    const boundPod = { name, uid };
    const token = await requestToken(admin, namespace, 'app', { audience, expirationSeconds, boundPod });
    const { iat = 0, exp } = decodeJwt(token);
    expect(exp).toBe(iat + 7200);
    await writeFile(join(mount.path, path), token);

    expect(await whoAmI(environmentOf(pod))).toMatchObject({
      kind: 'identified',
      account,
      arn: `arn:aws:sts::${account}:assumed-role/app/app`,
    });
  });
});

function tokenSourceOf({ spec }: Pod): TokenSource {
  const token = spec.volumes?.[0]?.projected?.sources[0]?.serviceAccountToken;
  if (token === undefined) throw new Error(`expected the token volume first, found ${JSON.stringify(spec.volumes)}`);
  return token;
}

/** The variables of the container, as the kubelet resolves them. */
function environmentOf({ metadata, spec }: Pod): { readonly [name: string]: string } {
  const variables = (spec.containers[0]?.env ?? []).map(({ name, value, valueFrom }) => {
    if (valueFrom === undefined) return [name, value ?? ''];
    expect(valueFrom).toMatchObject({ fieldRef: { fieldPath: 'metadata.name' } });
    return [name, metadata.name];
  });
  return Object.fromEntries(variables);
}
