import { createHash, randomBytes } from 'node:crypto';
import { StsError } from './sts-error.ts';

/** `Arn` and `AssumedRoleId` of a role session, as AWS forms them. */
export interface AssumedRoleUser {
  readonly account: string;
  readonly arn: string;
  readonly id: string;
}

export interface SessionCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiresMs: number;
}

export interface RoleArn {
  readonly partition: string;
  readonly account: string;
  /** Without the path. */
  readonly name: string;
}

const roleArnPattern = /^arn:(aws[a-z-]*):iam::(\d{12}):role\/(?:[\x21-\x7e]+\/)?([\w+=,.@-]{1,64})$/;

/** The parts of a role's ARN, or undefined when it is something else. */
export function parseRoleArn(arn: string): RoleArn | undefined {
  const [, partition, account, name] = roleArnPattern.exec(arn) ?? [];
  if (partition === undefined || account === undefined || name === undefined) return undefined;
  return { partition, account, name };
}

export function assumedRoleUser(roleArn: string, role: RoleArn, sessionName: string): AssumedRoleUser {
  return {
    account: role.account,
    arn: `arn:${role.partition}:sts::${role.account}:assumed-role/${role.name}/${sessionName}`,
    id: `${uniqueId('AROA', createHash('sha256').update(roleArn).digest())}:${sessionName}`,
  };
}

/** The credentials that were given out, so that their bearer can be told who it is. */
export class RoleSessions {
  readonly #sessions = new Map<string, SessionCredentials & { readonly user: AssumedRoleUser }>();

  open(user: AssumedRoleUser, expiresMs: number): SessionCredentials {
    const credentials = {
      accessKeyId: uniqueId('ASIA', randomBytes(32)),
      secretAccessKey: randomBytes(30).toString('base64'),
      sessionToken: randomBytes(240).toString('base64'),
      expiresMs,
    };
    this.#sessions.set(credentials.accessKeyId, { ...credentials, user });
    return credentials;
  }

  /** Throws an StsError when the credentials were not issued here, or are over. */
  find(accessKeyId: string, sessionToken: string | undefined, nowMs: number): AssumedRoleUser {
    const session = this.#sessions.get(accessKeyId);
    if (session === undefined || session.sessionToken !== sessionToken) {
      throw new StsError('InvalidClientTokenId', 'The security token included in the request is invalid.');
    }
    if (nowMs >= session.expiresMs) {
      throw new StsError('ExpiredToken', 'The security token included in the request is expired');
    }
    return session.user;
  }
}

/** Prefix and 16 characters, as https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html shows. */
function uniqueId(prefix: string, bytes: Buffer): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  return prefix + Array.from(bytes.subarray(0, 16), byte => alphabet[byte % alphabet.length]).join('');
}
