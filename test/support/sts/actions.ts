import type { IncomingMessage } from 'node:http';
import { readAssumeRoleParameters } from './parameters.ts';
import { assumedRoleUser, parseRoleArn, type RoleSessions } from './role-session.ts';
import { StsError } from './sts-error.ts';
import { allowsWebIdentity, type TrustPolicy, type TrustPolicyDocument } from './trust-policy.ts';
import { verifyWebIdentityToken, type OidcProvider } from './web-identity-token.ts';
import type { XmlContent } from './xml.ts';

const defaultMaxSessionSeconds = 3600;

export interface StsRole {
  readonly arn: string;
  readonly trustPolicy: TrustPolicyDocument;
  /** Default 3600, as in IAM. */
  readonly maxSessionSeconds?: number;
}

export interface StsService {
  readonly providers: readonly OidcProvider[];
  readonly roles: ReadonlyMap<string, StsRole & { readonly policy: TrustPolicy }>;
  readonly sessions: RoleSessions;
  readonly now: () => number;
}

/** Gives the content of the result element; throws an StsError to refuse. */
export type Action = (
  service: StsService,
  form: URLSearchParams,
  request: IncomingMessage,
) => XmlContent | Promise<XmlContent>;

/** Exchanges a web identity token for credentials of the role. */
export async function assumeRoleWithWebIdentity(service: StsService, form: URLSearchParams): Promise<XmlContent> {
  const { roleArn, sessionName, token, durationSeconds } = readAssumeRoleParameters(form);
  const arn = parseRoleArn(roleArn);
  if (arn === undefined) throw new StsError('ValidationError', 'Request ARN is invalid');
  const { issuer, subject, audiences } = await verifyWebIdentityToken(token, service.providers, service.now);

  const provider = issuer.replace('https://', '');
  const providerArn = `arn:${arn.partition}:iam::${arn.account}:oidc-provider/${provider}`;
  const role = service.roles.get(roleArn);
  const conditionKeys = { [`${provider}:sub`]: [subject], [`${provider}:aud`]: audiences };
  // AWS does not tell whether a role exists to those who may not assume it.
  if (role === undefined || !allowsWebIdentity(role.policy, { providerArn, conditionKeys })) {
    throw new StsError('AccessDenied', 'Not authorized to perform sts:AssumeRoleWithWebIdentity');
  }
  if (durationSeconds > (role.maxSessionSeconds ?? defaultMaxSessionSeconds)) {
    const message = 'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.';
    throw new StsError('ValidationError', message);
  }

  const user = assumedRoleUser(roleArn, arn, sessionName);
  const credentials = service.sessions.open(user, service.now() + durationSeconds * 1000);
  return {
    SubjectFromWebIdentityToken: subject,
    Audience: audiences[0] ?? '',
    AssumedRoleUser: { Arn: user.arn, AssumedRoleId: user.id },
    Credentials: {
      AccessKeyId: credentials.accessKeyId,
      SecretAccessKey: credentials.secretAccessKey,
      SessionToken: credentials.sessionToken,
      Expiration: `${new Date(credentials.expiresMs).toISOString().slice(0, 19)}Z`,
    },
    Provider: providerArn,
  };
}

/**
 * Says whose the credentials are. The signature itself is not verified: a session token that only we know is proof enough
 * for a test.
 */
export function getCallerIdentity(
  { sessions, now }: StsService,
  _form: URLSearchParams,
  { headers }: IncomingMessage,
): XmlContent {
  const [, accessKeyId] = /^AWS4-HMAC-SHA256 Credential=(\w+)\//.exec(headers.authorization ?? '') ?? [];
  if (accessKeyId === undefined) {
    throw new StsError('MissingAuthenticationToken', 'Request is missing Authentication Token');
  }
  const user = sessions.find(accessKeyId, String(headers['x-amz-security-token']), now());
  return { Arn: user.arn, UserId: user.id, Account: user.account };
}
