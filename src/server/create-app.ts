import type { RequestListener, Server, ServerOptions } from 'node:http';
import type { Socket } from 'node:net';
import Fastify, { type FastifyInstance } from 'fastify';
import { createRateLimit } from '../observability/rate-limit.ts';
import type { Log } from '../util/log.ts';
import { createClientErrorHandler } from './client-errors.ts';
import { sendError } from './error-answer.ts';
import { handleErrors, type Routes } from './error-handling.ts';
import type { ServerLimits } from './limits.ts';
import { observeRequests } from './observe-requests.ts';
import type { HttpObserver } from './observers.ts';

/** An HTTP application with the server that it answers on, not listening yet. */
export interface App<S extends Server = Server> {
  readonly fastify: FastifyInstance;
  readonly server: S;
  /** The open connections, those in a TLS handshake included, which the HTTP server itself does not know. */
  readonly sockets: ReadonlySet<Socket>;
}

export interface AppOptions {
  readonly routes: Routes;
  readonly limits: ServerLimits;
  readonly observer: HttpObserver;
  readonly log: Log;
  /** Milliseconds of a clock that only goes forward. */
  readonly now: () => number;
}

/** The HTTP side of the limits, for a plain or a TLS server; they have to be there when it is created. */
export function httpOptions(limits: ServerLimits): ServerOptions {
  return {
    headersTimeout: limits.headersMs,
    requestTimeout: limits.requestMs,
    connectionsCheckingInterval: limits.checkIntervalMs,
    keepAliveTimeout: limits.keepAliveMs,
  };
}

/** Fastify without its body parsers, schemas and log, on a server of ours. */
export function createApp<S extends Server>(server: S, { routes, limits, observer, log, now }: AppOptions): App<S> {
  server.maxConnections = limits.connections + limits.surplusConnections;
  logRefusedConnections(server, log, now);
  const sockets = trackSockets(server);
  const fastify = Fastify({
    serverFactory: handler => attachHandler(server, handler),
    logger: false,
    clientErrorHandler: createClientErrorHandler(limits, sockets),
    frameworkErrors: (_error, _request, reply) =>
      sendError(reply, { code: 400, detail: 'expected a URL that can be read' }),
    // While it closes, kept connections still get their answer: a 503 would be a pod without its identity.
    return503OnClosing: false,
    forceCloseConnections: 'idle',
  });
  fastify.removeAllContentTypeParsers();
  // Bodies are read by the route that wants one, as bytes, within its limits.
  fastify.addContentTypeParser('*', (_request, _payload, done) => done(null));
  observeRequests(fastify, { observer, handlers: new Set(routes.keys()), now });
  handleErrors(fastify, routes, log);
  return { fastify, server, sockets };
}

function trackSockets(server: Server): ReadonlySet<Socket> {
  const sockets = new Set<Socket>();
  server.on('connection', socket => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  return sockets;
}

function attachHandler(server: Server, handler: RequestListener): Server {
  server.on('request', handler);
  return server;
}

function logRefusedConnections(server: Server, log: Log, now: () => number): void {
  const perMinute = createRateLimit({ intervalMs: 60_000, maxKeys: 1, now });
  server.on('drop', () => {
    const more = perMinute.pass('drop');
    if (more !== undefined) log.warn('Connection refused, there are too many.', { limit: server.maxConnections, more });
  });
}
