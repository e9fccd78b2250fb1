import type { Server } from 'node:https';
import type { Socket } from 'node:net';
import { createRateLimit } from '../observability/rate-limit.ts';
import type { Log } from '../util/log.ts';
import type { App } from './create-app.ts';
import { sendError } from './error-answer.ts';
import type { ServerLimits } from './limits.ts';
import { discardBody } from './request-body.ts';

/**
 * Answers requests on connections above the limit with 503: kube-apiserver then asks again, while a connection that is reset
 * is a failed call. Connections that were there before are served as ever.
 */
export function answerSurplusConnections(
  { fastify, server, sockets }: App<Server>,
  limits: ServerLimits,
  log: Log,
  now: () => number,
): void {
  const perMinute = createRateLimit({ intervalMs: 60_000, maxKeys: 1, now });
  const surplus = new WeakSet<Socket>();
  server.on('secureConnection', socket => {
    if (sockets.size <= limits.connections) return;
    surplus.add(socket);
    const more = perMinute.pass('surplus');
    if (more !== undefined)
      log.warn('Connection answered with 503, there are too many.', { limit: limits.connections, more });
  });
  fastify.addHook('onRequest', (request, reply, done) => {
    if (!surplus.has(request.socket)) return done();
    const refuse = (): void => sendError(reply, { code: 503, detail: 'too many connections at once' });
    void discardBody(request.raw, limits.bodyBytes).then(refuse);
  });
}
