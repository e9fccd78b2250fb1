import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { KubernetesClient } from '../support/cluster/client.ts';
import { startSts } from '../support/sts/sts-server.ts';
import { webIdentityPolicy } from '../support/sts/web-identity-policy.ts';
import { whoAmI, type CallerIdentity } from '../support/sts/who-am-i.ts';
import { mirrorIssuer } from './issuer-mirror.ts';
import { accountId, app, namespace, roleArn } from './names.ts';
import type { IdentifiedPod } from './pods.ts';

export interface ExchangeOptions {
  readonly client: KubernetesClient;
  readonly pod: IdentifiedPod;
  readonly token: string;
  /** Stands in for the root of the container's file system. */
  readonly root: string;
}

/** Lets the AWS SDK say who it is with what the pod's container would have, at an STS that trusts the cluster's issuer. */
export async function exchange({ client, pod, token, root }: ExchangeOptions): Promise<CallerIdentity> {
  const tokenFile = join(root, pod.environment['AWS_WEB_IDENTITY_TOKEN_FILE'] ?? '');
  await mkdir(dirname(tokenFile), { recursive: true });
  await writeFile(tokenFile, token, { mode: 0o600 });
  await using mirror = await mirrorIssuer(client);
  const { issuer, ca } = mirror;
  const trustPolicy = webIdentityPolicy({ account: accountId, issuer, namespace, serviceAccount: app });
  await using sts = await startSts({
    providers: [{ issuer, ca, audiences: [pod.token.audience] }],
    roles: [{ arn: roleArn, trustPolicy }],
  });
  return await whoAmI({
    ...pod.environment,
    AWS_WEB_IDENTITY_TOKEN_FILE: tokenFile,
    AWS_ENDPOINT_URL_STS: sts.url,
  });
}
