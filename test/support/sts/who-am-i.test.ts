import { expect, test } from 'vitest';
import { createCertificateAuthority } from '../certificates.ts';
import { createTempFolder } from '../temp-folder.ts';
import { startSts, type StsOptions } from './sts-server.ts';
import { startTokenIssuer, type TokenIssuer } from './token-issuer.ts';
import { webIdentityPolicy } from './web-identity-policy.ts';
import { whoAmI } from './who-am-i.ts';

const account = '111122223333';
const roleArn = `arn:aws:iam::${account}:role/app`;

function options({ issuer, ca }: TokenIssuer): StsOptions {
  const trustPolicy = webIdentityPolicy({ account, issuer, namespace: 'team-a', serviceAccount: 'app' });
  return { providers: [{ issuer, audiences: ['sts.amazonaws.com'], ca }], roles: [{ arn: roleArn, trustPolicy }] };
}

function sign({ issuer, sign }: TokenIssuer, subject: string): Promise<string> {
  const iat = Math.floor(Date.now() / 1000);
  return sign({ iss: issuer, sub: subject, aud: ['sts.amazonaws.com'], iat, exp: iat + 600 });
}

test('whoAmI() is the role when the AWS SDK has the injected variables and nothing else', async () => {
  await using issuer = await startTokenIssuer();
  await using sts = await startSts(options(issuer));
  await using folder = await createTempFolder();
  const tokenFile = await folder.write('token', await sign(issuer, 'system:serviceaccount:team-a:app'));
  const identity = await whoAmI({
    AWS_ROLE_ARN: roleArn,
    AWS_WEB_IDENTITY_TOKEN_FILE: tokenFile,
    AWS_REGION: 'eu-central-1',
    AWS_ENDPOINT_URL_STS: sts.url,
  });
  expect(identity).toEqual({
    kind: 'identified',
    account,
    arn: expect.stringMatching(`^arn:aws:sts::${account}:assumed-role/app/`),
    userId: expect.stringMatching(/^AROA[A-Z2-7]{16}:/),
  });
});

test('whoAmI() gives the reason of STS when the token is of another ServiceAccount, over HTTPS too', async () => {
  await using issuer = await startTokenIssuer();
  const authority = createCertificateAuthority();
  await using sts = await startSts({ ...options(issuer), tls: authority.issue() });
  await using folder = await createTempFolder();
  const identity = await whoAmI({
    AWS_ROLE_ARN: roleArn,
    AWS_WEB_IDENTITY_TOKEN_FILE: await folder.write('token', await sign(issuer, 'system:serviceaccount:team-b:app')),
    AWS_REGION: 'eu-central-1',
    AWS_ENDPOINT_URL_STS: sts.url,
    NODE_EXTRA_CA_CERTS: await folder.write('ca.crt', authority.certificate),
  });
  expect(identity).toMatchObject({ kind: 'refused', name: 'AccessDenied' });
});
