import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:https';
import { SignJWT } from 'jose';
import type { JsonObject } from '../../src/util/json.ts';
import { createCertificateAuthority } from '../support/certificates.ts';
import { listenOnLoopback } from '../support/listen-on-loopback.ts';

/** An issuer as it has to be for AWS, but for the port in its URL. */
export interface IssuerServer extends AsyncDisposable {
  readonly url: string;
  /** PEM of whom to trust. */
  readonly ca: string;
  readonly discovery: object;
  readonly keySet: { readonly keys: readonly JsonObject[] };
  /** Signs a token of the account as kube-apiserver does. */
  readonly sign: (claims: {
    readonly audience: string;
    readonly issuer?: string;
    readonly kid?: string;
  }) => Promise<string>;
  /** What it answers from now on; by default what the cluster publishes. */
  readonly publish: (documents: { readonly discovery?: object; readonly keySet?: object }) => void;
}

export async function startIssuer(): Promise<IssuerServer> {
  const authority = createCertificateAuthority();
  const { certificate: cert, key } = authority.issue({ hosts: ['127.0.0.1'] });
  const server = createServer({ cert, key });
  const listening = await listenOnLoopback(server);
  const url = `https://127.0.0.1:${listening.port}`;
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { crv, x, y } = publicKey.export({ format: 'jwk' });
  const keySet = { keys: [{ use: 'sig', kty: 'EC', kid: 'test-key', crv, alg: 'ES256', x, y }] };
  const discovery = {
    issuer: url,
    jwks_uri: `${url}/openid/v1/jwks`,
    response_types_supported: ['id_token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['ES256'],
  };
  let published: { discovery: object; keySet: object } = { discovery, keySet };
  server.on('request', (request, response) => {
    const isDiscovery = request.url === '/.well-known/openid-configuration';
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(isDiscovery ? published.discovery : published.keySet));
  });
  return {
    url,
    ca: authority.certificate,
    discovery,
    keySet,
    sign: ({ audience, issuer = url, kid = 'test-key' }) =>
      new SignJWT({})
        .setProtectedHeader({ alg: 'ES256', kid })
        .setIssuer(issuer)
        .setAudience(audience)
        .setSubject('system:serviceaccount:irsa-system:default')
        .setIssuedAt()
        .setNotBefore('0s')
        .setExpirationTime('10m')
        .sign(privateKey),
    publish(documents) {
      published = { discovery, keySet, ...documents };
    },
    [Symbol.asyncDispose]: () => listening.close(),
  };
}
