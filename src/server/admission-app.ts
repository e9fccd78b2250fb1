import { createServer, type Server } from 'node:https';
import type { TLSSocket } from 'node:tls';
import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyRequest } from 'fastify';
import type { Reviewer } from '../admission/answer.ts';
import { createRateLimit } from '../util/rate-limit.ts';
import type { Log } from '../util/log.ts';
import { createApp, httpOptions, type App, type HttpObserver } from './create-app.ts';
import { sendError, failureAnswer, unsupportedMediaType, writeError, type ErrorAnswer } from './errors.ts';
import type { ServerLimits } from './limits.ts';
import { discardBody, readBody, receivesPerRound, type RequestBody } from './request-body.ts';
import {
  type ReviewObserver,
  refuse,
  Review,
  type Exchange,
  type ReviewOptions,
  type ReviewResources,
} from './review.ts';
import { createFairBudget } from '../util/fair-budget.ts';
import { createLongTurns, createShortTurns, reviewsPerRound } from './turns.ts';

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

export interface MutateRouteOptions extends Omit<ReviewOptions, 'refusals'> {
  readonly log: Log;
}

/**
 * POST of an AdmissionReview: from its bytes to the reviewer, from the reviewer's answer to a status. Fastify finds the
 * route and hands over there: what it does for the body and the answer, which are bytes here, took a fifth of the time of
 * an exchange without the review itself (71 and 56 µs).
 */
function addMutateRoute({ fastify, connections, refusals }: App, options: MutateRouteOptions): void {
  const { log, now } = options;
  const resources = createResources({ ...options, refusals });
  fastify.post('/mutate', {
    onRequest(request, reply) {
      reply.hijack();
      const { raw: response } = reply;
      const peer = connections.of(request.raw.socket)?.peer ?? '';
      const exchange = { request: request.raw, response, peer, timeout: timeoutOf(request), startedMs: now() };
      receiveReview(exchange, resources).catch((error: unknown) => {
        const answer = failureAnswer(error, '/mutate', log);
        if (response.headersSent) response.destroy();
        else writeError(response, answer);
      });
    },
    handler: () => undefined, // never reached, and demanded by Fastify
  });
}

function timeoutOf({ query }: FastifyRequest): unknown {
  return typeof query === 'object' && query !== null && 'timeout' in query ? query.timeout : undefined;
}

function createResources(options: ReviewOptions): ReviewResources {
  const { limits, now } = options;
  return {
    ...options,
    bodies: createFairBudget({ totalBytes: limits.bodyBytesInFlight, now }),
    discards: createFairBudget({ totalBytes: limits.bodiesDiscarded, now }),
    answers: createFairBudget({ totalBytes: limits.answerBytesInFlight, now }),
    longTurns: createLongTurns(),
    shortTurns: createShortTurns(reviewsPerRound),
    receiveTurns: createShortTurns(receivesPerRound),
  };
}

async function receiveReview(exchange: Exchange, resources: ReviewResources): Promise<void> {
  const { request, response, peer } = exchange;
  const { bodies, discards, limits, receiveTurns: turns } = resources;
  if (!isJson(request.headers['content-type'])) return writeError(response, unsupportedMediaType(request));
  const declaredBytes = declaredLength(request.headers);
  if (declaredBytes !== undefined && declaredBytes > limits.bodyBytes) return writeError(response, tooLarge(limits));
  const body = await readBody(request, {
    peer,
    limitBytes: limits.bodyBytes,
    declaredBytes,
    budget: bodies,
    discards,
    turns,
  });
  if (body.kind !== 'read') return refuseBody(exchange, resources, body.kind);
  try {
    const later = new Review(exchange, resources, body).conclude();
    if (later !== undefined) await later;
  } finally {
    body.claim?.release();
  }
}

/** Upper and lower case and parameters make no difference (RFC 9110 section 8.3.1). */
function isJson(contentType: string | undefined): boolean {
  if (contentType === 'application/json') return true;
  return contentType?.split(';', 1)[0]?.trim().toLowerCase() === 'application/json';
}

/** Node.js has refused what is no number. */
function declaredLength(headers: IncomingHttpHeaders): number | undefined {
  const length = headers['content-length'];
  return length === undefined ? undefined : Number(length);
}

function tooLarge({ bodyBytes }: ServerLimits): ErrorAnswer {
  return { code: 413, detail: `expected a body of at most ${bodyBytes} bytes, found more` };
}

function refuseBody(
  exchange: Exchange,
  { limits, refusals }: ReviewResources,
  kind: Exclude<RequestBody['kind'], 'read'>,
): void {
  switch (kind) {
    case 'aborted':
      return;
    case 'too_large':
      return writeError(exchange.response, tooLarge(limits));
    case 'over_budget':
      return refuse(exchange, refusals, 'body_bytes', 'too many bytes in request bodies at once');
    case 'over_budget_cut':
      refusals.add('body_bytes', exchange.peer);
      return void exchange.request.socket.destroy();
    case 'too_many_pieces':
      refusals.add('pieces', exchange.peer);
      return void exchange.request.socket.destroy(); // at once: whatever else has come is in pieces too
  }
}
