import { createServer } from 'node:https';
import { createCertificateAuthority } from '../../support/certificates.ts';
import { listenOnLoopback } from '../../support/listen-on-loopback.ts';

/** An API server that answers as a test says. */
export interface ServedCluster extends AsyncDisposable {
  /** A kubeconfig in JSON, which is YAML too. */
  readonly kubeconfig: string;
}

/** Serves what `answer` gives for the path and query of a request: an object, or undefined for 404, or a Status with its code. */
export async function serveCluster(answer: (url: URL) => object | undefined): Promise<ServedCluster> {
  const authority = createCertificateAuthority();
  const { certificate, key } = authority.issue({ hosts: ['127.0.0.1'] });
  const server = createServer({ cert: certificate, key }, (request, response) => {
    const url = new URL(request.url ?? '/', 'https://localhost');
    const body = answer(url) ?? { kind: 'Status', code: 404, reason: 'NotFound', message: `no ${url.pathname}` };
    const status = 'code' in body && typeof body.code === 'number' ? body.code : 200;
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  const listening = await listenOnLoopback(server);
  return {
    kubeconfig: kubeconfig(`https://127.0.0.1:${listening.port}`, authority.certificate),
    [Symbol.asyncDispose]: () => listening.close(),
  };
}

function kubeconfig(server: string, ca: string): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'c', cluster: { server, 'certificate-authority-data': Buffer.from(ca).toString('base64') } }],
    users: [{ name: 'u', user: { token: 'secret' } }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u', namespace: 'ns' } }],
    'current-context': 'x',
  });
}
