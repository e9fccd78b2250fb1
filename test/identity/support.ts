import type { IdentityDefaults } from '../../src/identity/defaults.ts';

export const role = 'arn:aws:iam::111122223333:role/app';

/** The defaults of the flags, but for what a test says. */
export function defaultsWith(changes: Partial<IdentityDefaults> = {}): IdentityDefaults {
  return {
    annotationPrefix: 'eks.amazonaws.com',
    audience: 'sts.amazonaws.com',
    containerCredentialsAudience: 'pods.eks.amazonaws.com',
    expirationSeconds: 86_400,
    regionalSts: false,
    invalidRoleArn: 'inject',
    ...changes,
  };
}
