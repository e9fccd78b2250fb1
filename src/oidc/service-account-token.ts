import { decodeJwt, decodeProtectedHeader } from 'jose';
import { isObject, ownField, ownString, textAt, type JsonObject } from '../util/json.ts';
import { OidcError } from './remark.ts';

/** What a token says of itself. Nothing of it is verified, and every text is somebody else's. */
export interface TokenFacts {
  readonly algorithm: string | undefined;
  readonly kid: string | undefined;
  readonly issuer: string | undefined;
  readonly subject: string | undefined;
  readonly audiences: readonly string[];
  /** Seconds since the epoch, as are the next two; undefined where the claim is missing or no integer. */
  readonly expiresAt: number | undefined;
  readonly issuedAt: number | undefined;
  readonly notBefore: number | undefined;
  /** What Kubernetes says of whom the token was made for. */
  readonly bound: BoundObjects;
}

/** The claim `kubernetes.io`. */
export interface BoundObjects {
  readonly namespace: string | undefined;
  readonly serviceAccount: ObjectName | undefined;
  readonly pod: ObjectName | undefined;
  readonly node: ObjectName | undefined;
  readonly secret: ObjectName | undefined;
}

export interface ObjectName {
  readonly name: string;
  readonly uid: string | undefined;
}

/** STS takes 20,000 characters, of which a projected token needs a tenth. */
const maxTokenCharacters = 20_000;

/**
 * Decodes a token; white space around it is allowed. Throws OidcError `invalid_token`, which repeats nothing of the text,
 * since it may be a secret of another kind. `where` is the file.
 */
export function decodeToken(text: string, where: string): TokenFacts {
  const token = text.trim();
  const parts = token.split('.').length;
  if (token.length > maxTokenCharacters || parts !== 3) {
    throw invalid(
      `${where}: expected a JWT, three parts with dots between them, found ${parts} in ${token.length} characters`,
    );
  }
  const { alg, kid } = decodePart(
    () => decodeProtectedHeader(token),
    `${where}: expected a JSON object as the first part`,
  );
  const claims = decodePart(() => decodeJwt(token), `${where}: expected a JSON object as the second part`);
  const audience = ownField(claims, 'aud');
  return {
    algorithm: typeof alg === 'string' ? alg : undefined,
    kid: typeof kid === 'string' ? kid : undefined,
    issuer: ownString(claims, 'iss'),
    subject: ownString(claims, 'sub'),
    audiences: (Array.isArray(audience) ? audience : [audience]).filter(entry => typeof entry === 'string'),
    expiresAt: ownTime(claims, 'exp'),
    issuedAt: ownTime(claims, 'iat'),
    notBefore: ownTime(claims, 'nbf'),
    bound: boundObjects(ownField(claims, 'kubernetes.io')),
  };
}

function decodePart(decode: () => unknown, expected: string): JsonObject {
  let value: unknown;
  try {
    value = decode();
  } catch (cause) {
    throw new OidcError('invalid_token', { text: `${expected}, in base64url, found something else`, cause });
  }
  if (isObject(value)) return value;
  throw invalid(`${expected}, found something else`);
}

function invalid(text: string): OidcError {
  return new OidcError('invalid_token', { text });
}

/** The last second that a date can show (year 275760) is far beyond what anybody means. */
const maxSeconds = 8.64e12;

/** STS takes integers only. https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html */
function ownTime(claims: JsonObject, name: string): number | undefined {
  const value = ownField(claims, name);
  return typeof value === 'number' && Number.isInteger(value) && Math.abs(value) <= maxSeconds ? value : undefined;
}

function boundObjects(claim: unknown): BoundObjects {
  const objectName = (kind: string): ObjectName | undefined => {
    const name = textAt(claim, kind, 'name');
    return name === undefined ? undefined : { name, uid: textAt(claim, kind, 'uid') };
  };
  return {
    namespace: textAt(claim, 'namespace'),
    serviceAccount: objectName('serviceaccount'),
    pod: objectName('pod'),
    node: objectName('node'),
    secret: objectName('secret'),
  };
}
