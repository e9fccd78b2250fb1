import { generateKeyPairSync } from 'node:crypto';
import { createServer as createPlainServer, type RequestListener } from 'node:http';
import { createServer } from 'node:https';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { SignJWT } from 'jose';
import type { JsonObject } from '../../src/util/json.ts';
import { createCertificateAuthority, type LeafOptions } from './certificates.ts';
import { listenOnLoopback, type LoopbackServer } from './listen-on-loopback.ts';

/** What a path answers: a body, an object as JSON, or whatever a listener does. */
export type Answer = string | object | RequestListener;

export interface IssuerServer extends AsyncDisposable {
  /** `https://127.0.0.1:<port>`, or `https://<host>` */
  readonly url: string;
  /** With the proxy by which the host is reached. */
  readonly environment: { readonly [name: string]: string };
  /** PEM of the authority of its certificate. */
  readonly ca: string;
}

export interface IssuerServerOptions {
  readonly certificate?: LeafOptions;
  /** A public name, under which the server is reached by a proxy only. */
  readonly host?: string;
  /** Sends an intermediate too, and then the root. */
  readonly chain?: 'leaf' | 'intermediate' | 'root';
}

/** An https server on loopback; `answers` may need its URL. Paths that are not listed are 404. */
export async function startIssuerServer(
  answers: (url: string) => { readonly [path: string]: Answer },
  {
    host,
    certificate: leafOptions = host === undefined ? {} : { hosts: [host] },
    chain = 'leaf',
  }: IssuerServerOptions = {},
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
  const url = host === undefined ? `https://127.0.0.1:${port}` : `https://${host}`;
  byPath = answers(url);
  if (host === undefined) return { url, ca: root.certificate, environment: {}, [Symbol.asyncDispose]: close };
  const proxy = await startProxy(port);
  const closeBoth = async (): Promise<void> => void (await Promise.all([proxy.close(), close()]));
  const environment = { HTTPS_PROXY: `http://127.0.0.1:${proxy.port}` };
  return { url, ca: root.certificate, environment, [Symbol.asyncDispose]: closeBoth };
}

/** Starts a proxy that has every host at this port of loopback. */
function startProxy(port: number): Promise<LoopbackServer> {
  const proxy = createPlainServer();
  proxy.on('connect', (_, client: Duplex) => {
    const target = connect(port, '127.0.0.1', () => client.write('HTTP/1.1 200 Connected\r\n\r\n'));
    target.on('error', () => client.destroy()).on('close', () => client.destroy());
    client.on('error', () => target.destroy()).on('close', () => target.destroy());
    client.pipe(target).pipe(client);
  });
  return listenOnLoopback(proxy);
}

/** An issuer as it has to be for AWS. */
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
  const documents = {
    '/.well-known/openid-configuration': (_, response) => response.end(JSON.stringify(published.discovery)),
    '/openid/v1/jwks': (_, response) => response.end(JSON.stringify(published.keySet)),
  } satisfies { readonly [path: string]: RequestListener };
  const server = await startIssuerServer(() => documents, { host: 'oidc.example.com' });
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
