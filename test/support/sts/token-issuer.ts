import { createServer } from 'node:https';
import { exportJWK, generateKeyPair, SignJWT, type JWTPayload } from 'jose';
import { createCertificateAuthority } from '../certificates.ts';
import { listenOnLoopback } from '../listen-on-loopback.ts';

/** A real OpenID Connect issuer on loopback, for tests that need tokens without a Kubernetes API server. */
export interface TokenIssuer extends AsyncDisposable {
  readonly issuer: string;
  /** PEM of the authority of its HTTPS certificate. */
  readonly ca: string;
  /** Signs the claims as they are: with `iss` only if they have it. */
  readonly sign: (claims: JWTPayload) => Promise<string>;
}

/** `overrides` replaces documents by path, to serve broken ones. */
export async function startTokenIssuer(overrides: { readonly [path: string]: unknown } = {}): Promise<TokenIssuer> {
  const authority = createCertificateAuthority();
  const { certificate, key } = authority.issue();
  const { publicKey, privateKey } = await generateKeyPair('ES256');
  const jwk = { ...(await exportJWK(publicKey)), kid: 'test-key', alg: 'ES256', use: 'sig' };
  const documents = new Map<string, unknown>([['/keys', { keys: [jwk] }]]);
  const server = createServer({ cert: certificate, key }, (request, response) => {
    const document = documents.get(request.url ?? '');
    response.writeHead(document === undefined ? 404 : 200).end(JSON.stringify(document));
  });
  const { port, close } = await listenOnLoopback(server);
  const issuer = `https://127.0.0.1:${port}`;
  documents.set('/.well-known/openid-configuration', { issuer, jwks_uri: `${issuer}/keys` });
  for (const [path, document] of Object.entries(overrides)) documents.set(path, document);
  return {
    issuer,
    ca: authority.certificate,
    sign: claims => new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid: 'test-key' }).sign(privateKey),
    [Symbol.asyncDispose]: close,
  };
}
