import type { RequestListener } from 'node:http';
import { createServer } from 'node:https';
import { createCertificateAuthority, type LeafOptions } from '../support/certificates.ts';
import { listenOnLoopback } from '../support/listen-on-loopback.ts';

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
