import https, { Agent, createServer } from 'node:https';
import { z } from 'zod';
import { succeeded, type KubernetesClient } from '../support/cluster/client.ts';
import { createCertificateAuthority } from '../support/certificates.ts';
import { listenOnLoopback } from '../support/listen-on-loopback.ts';

const discoveryDocument = z.object({ issuer: z.url({ protocol: /^https$/ }), jwks_uri: z.url() });

/** The issuer of the cluster's tokens, as STS sees it. */
export interface IssuerMirror extends AsyncDisposable {
  readonly issuer: string;
  /** PEM of the authority of the mirror's certificate. */
  readonly ca: string;
}

/**
 * Publishes the documents of the cluster's issuer to this process. AWS reads them at the issuer's address, which must be
 * public; that of a cluster such as kind's is one that only its pods can reach. So the documents are read from the API
 * server with the demo's credentials, and whatever HTTPS request has no agent of its own comes here.
 */
export async function mirrorIssuer(client: KubernetesClient): Promise<IssuerMirror> {
  const discovery = succeeded(await client.get('/.well-known/openid-configuration')).body;
  const keys = succeeded(await client.get('/openid/v1/jwks')).body;
  const { issuer, jwks_uri: keysUrl } = discoveryDocument.parse(discovery);
  const documents = new Map([
    [new URL(`${issuer}/.well-known/openid-configuration`).pathname, JSON.stringify(discovery)],
    [new URL(keysUrl).pathname, JSON.stringify(keys)],
  ]);
  const authority = createCertificateAuthority({ commonName: 'mirror of the issuer' });
  const hosts = ['127.0.0.1', ...[issuer, keysUrl].map(url => new URL(url).hostname)];
  const { certificate, key } = authority.issue({ hosts });
  const server = createServer({ cert: certificate, key }, ({ url = '' }, response) => {
    const document = documents.get(url);
    response.writeHead(document === undefined ? 404 : 200, { 'content-type': 'application/json' }).end(document);
  });
  const { port, close } = await listenOnLoopback(server);
  const restore = routeHttpsTo(port);
  return {
    issuer,
    ca: authority.certificate,
    async [Symbol.asyncDispose]() {
      restore();
      await close();
    },
  };
}

/** The names in certificates are still verified: only the address is another. */
function routeHttpsTo(port: number): () => void {
  const previous = https.globalAgent;
  class LoopbackAgent extends Agent {
    override createConnection(...[options, callback]: Parameters<Agent['createConnection']>) {
      return super.createConnection({ ...options, host: '127.0.0.1', port }, callback);
    }
  }
  https.globalAgent = new LoopbackAgent();
  return () => {
    https.globalAgent = previous;
  };
}
