import { compactVerify, createLocalJWKSet, decodeJwt, errors, type JSONWebKeySet, type JWTPayload } from 'jose';
import { fetchKeys, noVerificationKey } from './oidc-discovery.ts';
import { StsError } from './sts-error.ts';

/** An identity provider as it is registered in IAM. */
export interface OidcProvider {
  /** Issuer URL, without a slash at its end. */
  readonly issuer: string;
  /** The client IDs of the provider; Kubernetes tokens for AWS have `sts.amazonaws.com`. */
  readonly audiences: readonly string[];
  /** PEM of the authority of the issuer's own HTTPS certificate, where the system's are not enough. */
  readonly ca?: string;
}

/** What a token says, once it is verified. */
export interface WebIdentity {
  readonly issuer: string;
  readonly subject: string;
  /** Those of the token's audiences that the provider lists. */
  readonly audiences: readonly string[];
}

interface Claims {
  readonly iss: string;
  readonly sub: string;
  readonly aud: readonly string[];
  readonly exp: number;
  readonly iat: number;
  readonly nbf: number | undefined;
}

const algorithms = ['RS256', 'RS384', 'RS512', 'ES256', 'ES384', 'ES512'];

/** Verifies the token against the registered providers. Throws an StsError that says what is wrong, as AWS does. */
export async function verifyWebIdentityToken(
  token: string,
  providers: readonly OidcProvider[],
  now: () => number,
): Promise<WebIdentity> {
  const claims = readClaims(token);
  const provider = providers.find(({ issuer }) => issuer === claims.iss);
  if (provider === undefined) {
    throw new StsError('InvalidIdentityToken', `No OpenIDConnect provider found in your account for ${claims.iss}`);
  }
  const audiences = claims.aud.filter(audience => provider.audiences.includes(audience));
  if (audiences.length === 0) throw new StsError('InvalidIdentityToken', 'Incorrect token audience');
  await verifySignature(token, await fetchKeys(provider.issuer, provider.ca));
  verifyTimes(claims, Math.floor(now() / 1000));
  return { issuer: claims.iss, subject: claims.sub, audiences };
}

function readClaims(token: string): Claims {
  const payload = decode(token);
  const { iss, sub, aud, exp, iat, nbf } = payload;
  if (typeof iss !== 'string') throw missingClaim('iss');
  if (typeof sub !== 'string') throw missingClaim('sub');
  if (aud === undefined || aud.length === 0) throw missingClaim('aud');
  if (typeof exp !== 'number') throw missingClaim('exp');
  if (typeof iat !== 'number') throw missingClaim('iat');
  return { iss, sub, aud: typeof aud === 'string' ? [aud] : aud, exp, iat, nbf };
}

function decode(token: string): JWTPayload {
  try {
    return decodeJwt(token);
  } catch (cause) {
    const message = 'The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)';
    throw new StsError('InvalidIdentityToken', message, { cause });
  }
}

function missingClaim(claim: string): StsError {
  return new StsError('InvalidIdentityToken', `Missing a required claim: ${claim}`);
}

async function verifySignature(token: string, keys: JSONWebKeySet): Promise<void> {
  try {
    await compactVerify(token, createLocalJWKSet(keys), { algorithms });
  } catch (cause) {
    if (cause instanceof errors.JWKSNoMatchingKey) throw noVerificationKey(cause);
    throw new StsError('InvalidIdentityToken', 'The web identity token has an invalid signature', { cause });
  }
}

function verifyTimes({ exp, nbf }: Claims, nowSeconds: number): void {
  if (nowSeconds >= exp) {
    const message = `Token expired: current date/time ${nowSeconds} must be before the expiration date/time ${exp}`;
    throw new StsError('ExpiredTokenException', message);
  }
  if (nbf !== undefined && nowSeconds < nbf) {
    throw new StsError(
      'InvalidIdentityToken',
      `Token not valid yet: current date/time ${nowSeconds}, not before ${nbf}`,
    );
  }
}
