import type { IncomingMessage } from 'node:http';
import { parametersWithoutToken, readAssumeRoleParameters } from './parameters.ts';
import { assumedRoleUser, parseRoleArn, type AssumedRoleUser, type RoleSessions } from './role-session.ts';
import { StsError } from './sts-error.ts';
import { allowsWebIdentity, type TrustPolicy, type TrustPolicyDocument } from './trust-policy.ts';
import { verifyWebIdentityToken, type OidcProvider } from './web-identity-token.ts';
import type { XmlContent } from './xml.ts';

const defaultMaxSessionSeconds = 3600;

export interface StsRole {
  readonly arn: string;
  readonly trustPolicy: TrustPolicyDocument;
  /** The ARNs of those who may assume it with their credentials, which AWS reads from the trust policy too. */
  readonly assumedBy?: readonly string[];
  /** Default 3600, as in IAM. */
  readonly maxSessionSeconds?: number;
}

export interface StsService {
  readonly providers: readonly OidcProvider[];
  readonly roles: ReadonlyMap<string, StsRole & { readonly policy: TrustPolicy }>;
  /** Access key ID -> ARN. */
  readonly keys: ReadonlyMap<string, string>;
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

  const session = openSession(service, assumedRoleUser(roleArn, arn, sessionName), durationSeconds);
  return {
    SubjectFromWebIdentityToken: subject,
    Audience: audiences[0] ?? '',
    ...session,
    Provider: providerArn,
  };
}

/** Exchanges credentials for those of a role. */
export function assumeRole(service: StsService, form: URLSearchParams, request: IncomingMessage): XmlContent {
  const caller = findCaller(service, request);
  const { roleArn, sessionName, durationSeconds } = readAssumeRoleParameters(form, parametersWithoutToken);
  const arn = parseRoleArn(roleArn);
  if (arn === undefined) throw new StsError('ValidationError', 'Request ARN is invalid');
  if (service.roles.get(roleArn)?.assumedBy?.includes(caller.arn) !== true) {
    const message = `User: ${caller.arn} is not authorized to perform: sts:AssumeRole on resource: ${roleArn}`;
    throw new StsError('AccessDenied', message);
  }
  return openSession(service, assumedRoleUser(roleArn, arn, sessionName), durationSeconds);
}

function openSession(
  { sessions, now }: StsService,
  user: AssumedRoleUser,
  durationSeconds: number,
): { readonly AssumedRoleUser: XmlContent; readonly Credentials: XmlContent } {
  const credentials = sessions.open(user, now() + durationSeconds * 1000);
  return {
    AssumedRoleUser: { Arn: user.arn, AssumedRoleId: user.id },
    Credentials: {
      AccessKeyId: credentials.accessKeyId,
      SecretAccessKey: credentials.secretAccessKey,
      SessionToken: credentials.sessionToken,
      Expiration: `${new Date(credentials.expiresMs).toISOString().slice(0, 19)}Z`,
    },
  };
}

/** Returns whose the credentials are. */
export function getCallerIdentity(service: StsService, _form: URLSearchParams, request: IncomingMessage): XmlContent {
  const { arn, id, account } = findCaller(service, request);
  return { Arn: arn, UserId: id, Account: account };
}

/**
 * The bearer of the credentials. The signature itself is not verified: a session token that only we know is proof enough for
 * a test.
 */
function findCaller({ keys, sessions, now }: StsService, { headers }: IncomingMessage): AssumedRoleUser {
  const [, accessKeyId] = /^AWS4-HMAC-SHA256 Credential=(\w+)\//.exec(headers.authorization ?? '') ?? [];
  if (accessKeyId === undefined) {
    throw new StsError('MissingAuthenticationToken', 'Request is missing Authentication Token');
  }
  const arn = keys.get(accessKeyId);
  if (arn !== undefined) return { arn, id: accessKeyId, account: arn.split(':')[4] ?? '' };
  return sessions.find(accessKeyId, String(headers['x-amz-security-token']), now());
}
