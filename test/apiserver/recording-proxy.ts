import type { IncomingMessage, ServerResponse } from 'node:http';
import { Agent, createServer, request } from 'node:https';
import { text } from 'node:stream/consumers';
import { createCertificateAuthority } from '../support/certificates.ts';
import { listenOnLoopback } from '../support/listen-on-loopback.ts';

/** One call of a webhook, as it went over the wire. */
export interface RecordedCall {
  /** Path and query. */
  readonly target: string;
  /** The review as it was sent. */
  readonly text: string;
  readonly review: Review;
  readonly answer: Review;
}

/** The fields of an AdmissionReview that tests look at. */
export interface Review {
  readonly apiVersion: string;
  readonly kind: string;
  readonly request?: {
    readonly uid: string;
    readonly name?: string;
    readonly dryRun: boolean;
    readonly object: { readonly metadata: { readonly name?: string } };
  };
  readonly response?: { readonly uid: string; readonly allowed: boolean; readonly patch?: string };
}

/** Stands between the API server and a webhook, and writes down what they say. */
export interface RecordingProxy extends AsyncDisposable {
  readonly url: string;
  /** PEM, for a webhook configuration. */
  readonly caBundle: string;
  readonly calls: readonly RecordedCall[];
}

/** Starts a proxy for a webhook whose certificate is of this authority. */
export async function startRecordingProxy(webhook: {
  readonly url: string;
  readonly caBundle: string;
}): Promise<RecordingProxy> {
  const authority = createCertificateAuthority({ commonName: 'recording proxy' });
  const { certificate, key } = authority.issue();
  const agent = new Agent({ ca: webhook.caBundle, keepAlive: true });
  const calls: RecordedCall[] = [];
  const pass = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const target = incoming.url ?? '/';
    const review = await text(incoming);
    const { method, headers } = incoming;
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    request(new URL(target, webhook.url), { agent, method, headers }, resolve).on('error', reject).end(review);
    const response = await promise;
    const answer = await text(response);
    if (response.statusCode === 200)
      calls.push({ target, text: review, review: JSON.parse(review), answer: JSON.parse(answer) });
    outgoing.writeHead(response.statusCode ?? 502, response.headers).end(answer);
  };
  const server = createServer({ cert: certificate, key }, (incoming, outgoing) => {
    pass(incoming, outgoing).catch(() => outgoing.destroy());
  });
  const { port, close } = await listenOnLoopback(server);
  return {
    url: `https://127.0.0.1:${port}/mutate`,
    caBundle: authority.certificate,
    calls,
    async [Symbol.asyncDispose]() {
      await close();
      agent.destroy();
    },
  };
}
