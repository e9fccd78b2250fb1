import type { TrustPolicyDocument } from './trust-policy.ts';

export interface WebIdentityPolicyOptions {
  readonly account: string;
  /** Issuer URL. */
  readonly issuer: string;
  readonly namespace: string;
  readonly serviceAccount: string;
  readonly audience?: string;
}

/** The trust policy that lets one ServiceAccount assume a role, in the form that the AWS documentation recommends. */
export function webIdentityPolicy(options: WebIdentityPolicyOptions): TrustPolicyDocument {
  const { account, issuer, namespace, serviceAccount, audience = 'sts.amazonaws.com' } = options;
  const provider = issuer.replace('https://', '');
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Federated: `arn:aws:iam::${account}:oidc-provider/${provider}` },
        Action: 'sts:AssumeRoleWithWebIdentity',
        Condition: {
          StringEquals: {
            [`${provider}:sub`]: `system:serviceaccount:${namespace}:${serviceAccount}`,
            [`${provider}:aud`]: audience,
          },
        },
      },
    ],
  };
}
