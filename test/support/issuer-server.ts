import { generateKeyPairSync } from 'node:crypto';
import type { RequestListener } from 'node:http';
import { createServer } from 'node:https';
import { SignJWT } from 'jose';
import type { JsonObject } from '../../src/util/json.ts';
import { createCertificateAuthority, type LeafOptions } from './certificates.ts';
import { listenOnLoopback } from './listen-on-loopback.ts';

/** What a path answers: a body, an object as JSON, or whatever a listener does. */
export type Answer = string | object | RequestListener;

export interface IssuerServer extends AsyncDisposable {
  /** `https://127.0.0.1:<port>` */
  readonly url: string;
  /** PEM of the authority of its certificate. */
  readonly ca: string;
}

export interface IssuerServerOptions {
  readonly certificate?: LeafOptions;
  /** Sends an intermediate too, and then the root. */
  readonly chain?: 'leaf' | 'intermediate' | 'root';
}

/** An https server on loopback; `answers` may need its URL. Paths that are not listed are 404. */
export async function startIssuerServer(
  answers: (url: string) => { readonly [path: string]: Answer },
  { certificate: leafOptions, chain = 'leaf' }: IssuerServerOptions = {},
): Promise<IssuerServer> {
  const root = createCertificateAuthority({ commonName: 'root' });
  const issuer = chain === 'leaf' ? root : root.issueIntermediate({ commonName: 'intermediate' });
  const { certificate, key } = issuer.issue(leafOptions);
  let byPath: { readonly [path: string]: Answer } = {};
  const cert = chain === 'root' ? certificate + root.certificate : certificate;
  const server = createServer({ cert, key }, (request, response) => {
    const answer = byPath[request.url ?? ''];
    if (typeof answer === 'function') answer(request, response);
    else if (answer === undefined) response.writeHead(404).end('no such document');
    else response.end(typeof answer === 'string' ? answer : JSON.stringify(answer));
  });
  const { port, close } = await listenOnLoopback(server);
  const url = `https://127.0.0.1:${port}`;
  byPath = answers(url);
  return { url, ca: root.certificate, [Symbol.asyncDispose]: close };
}

/** An issuer as it has to be for AWS, but for the port in its URL. */
export interface ClusterIssuer extends IssuerServer {
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

/** Starts the issuer of a cluster, with one key. */
export async function startClusterIssuer(): Promise<ClusterIssuer> {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { crv, x, y } = publicKey.export({ format: 'jwk' });
  const keySet = { keys: [{ use: 'sig', kty: 'EC', kid: 'test-key', crv, alg: 'ES256', x, y }] };
  let published: { discovery: object; keySet: object } = { discovery: {}, keySet };
  const server = await startIssuerServer(() => ({
    '/.well-known/openid-configuration': (_, response) => response.end(JSON.stringify(published.discovery)),
    '/openid/v1/jwks': (_, response) => response.end(JSON.stringify(published.keySet)),
  }));
  const discovery = {
    issuer: server.url,
    jwks_uri: `${server.url}/openid/v1/jwks`,
    response_types_supported: ['id_token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['ES256'],
  };
  published = { discovery, keySet };
  return {
    ...server,
    discovery,
    keySet,
    sign: ({ audience, issuer = server.url, kid = 'test-key' }) =>
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
  };
}
