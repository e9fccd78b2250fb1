import { createServer, type Server } from 'node:https';
import type { TLSSocket } from 'node:tls';
import type { Reviewer } from '../admission/answer.ts';
import { createRateLimit } from '../util/rate-limit.ts';
import type { Log } from '../util/log.ts';
import { createApp, httpOptions, type App, type HttpObserver } from './create-app.ts';
import { sendError } from './errors.ts';
import type { ServerLimits } from './limits.ts';
import { addMutateRoute } from './mutate-route.ts';
import { discardBody } from './request-body.ts';
import type { ReviewObserver } from './review.ts';

export interface AdmissionAppOptions {
  readonly reviewer: Reviewer;
  readonly reviews: ReviewObserver;
  readonly requests: HttpObserver;
  readonly limits: ServerLimits;
  /** Frees memory for a review of more than `limits.smallBodyBytes`. */
  readonly beforeLargeReview: () => void;
  /** True when clients are to be told to take another connection, and so perhaps another replica, next time. */
  readonly isDraining: () => boolean;
  readonly log: Log;
  /** Milliseconds of a clock that only goes forward. */
  readonly now: () => number;
}

/**
 * What the API server calls. It can listen before there is a certificate: handshakes fail until the server's
 * `setSecureContext` has been given one.
 */
export function buildAdmissionApp(options: AdmissionAppOptions): App<Server> {
  const { limits, isDraining, log, now, requests, reviews } = options;
  const server = createServer({
    ...httpOptions(limits),
    handshakeTimeout: limits.handshakeMs,
    // kube-apiserver speaks only HTTP/1.1 to webhooks: https://github.com/kubernetes/kubernetes/pull/82090
    ALPNProtocols: ['http/1.1'],
  });
  logHandshakeErrors(server, log, now);
  const routes = new Map([
    ['/mutate', 'POST'],
    ['/healthz', 'GET, HEAD'],
  ]);
  const app = createApp(server, { routes, limits, observer: requests, log, now });
  refuseSurplus(app, limits);
  app.fastify.addHook('onSend', (_request, reply, _payload, done) => {
    if (isDraining()) reply.header('connection', 'close');
    done();
  });
  addMutateRoute(app, { ...options, observer: reviews });
  // This means only that the process answers, as with the AWS webhook; whether it is ready is asked on the other port.
  app.fastify.get('/healthz', () => 'ok');
  return app;
}

/**
 * Answers requests on connections above the limit with 503: kube-apiserver then asks again, while a connection that is reset
 * is a failed call. Connections that were there before are served as ever.
 */
function refuseSurplus({ fastify, connections, refusals }: App<Server>, limits: ServerLimits): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    const connection = connections.of(request.socket);
    if (connection === undefined || !connections.mustComeAgain(connection)) return done();
    refusals.add('connections', connection.peer);
    const refuse = (): void => sendError(reply, { code: 503, detail: 'too many connections at once' });
    void discardBody(request.raw, limits.bodyBytes).then(refuse);
  });
}

/**
 * Logs failed handshakes. One that the client ended with an alert is worth a warning: most likely the `caBundle` of the
 * webhook configuration does not know our certificate, and no pod gets its identity (E142). Others come from port scans,
 * cut connections, and from the time before there is a certificate.
 */
function logHandshakeErrors(server: Server, log: Log, now: () => number): void {
  const perMinute = createRateLimit({ intervalMs: 60_000, maxKeys: 16, now });
  server.on('tlsClientError', (error: Error & { code?: string }, socket: TLSSocket) => {
    const code = error.code ?? error.name;
    const fields = { code, client: socket.remoteAddress };
    if (!code.includes('ALERT')) return log.debug('TLS handshake failed.', fields);
    const more = perMinute.pass(code);
    if (more !== undefined) log.warn('A client refused the TLS handshake: does its caBundle fit?', { ...fields, more });
  });
}
