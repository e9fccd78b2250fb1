import type { IncomingMessage, RequestListener, Server, ServerOptions, ServerResponse } from 'node:http';
import type { Server as NetServer } from 'node:net';
import Fastify, { type FastifyInstance } from 'fastify';
import type { Log } from '../util/log.ts';
import type { RefusalObserver } from '../util/refusal.ts';
import { acceptInTurn } from './accept.ts';
import { Connections } from './connections.ts';
import { createClientErrorHandler, handleErrors, pathOf, sendError, type Routes } from './errors.ts';
import { createRefusals, type Refusals, type ServerLimits } from './limits.ts';

/** An HTTP application with the server that it answers on, not listening yet. */
export interface App<S extends Server = Server> {
  readonly fastify: FastifyInstance;
  readonly server: S;
  /** The open connections, those in a TLS handshake included, which the HTTP server itself does not know. */
  readonly connections: Connections;
  /** Those of the same port; `listen()` adds them. */
  readonly moreListeners: NetServer[];
  readonly refusals: Refusals;
}

/** One HTTP request that is over. */
export interface EndedRequest {
  /** The path if it is one of ours, else `other`. */
  readonly handler: string;
  readonly method: string;
  /** The status that was sent; 499 when the client did not wait for it. */
  readonly code: number;
  readonly seconds: number;
}

/** What is told about every HTTP request. */
export interface HttpObserver extends RefusalObserver {
  requestStarted(handler: string): void;
  requestEnded(request: EndedRequest): void;
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
export function createApp<S extends Server>(server: S, options: AppOptions): App<S> {
  const { routes, limits, observer, log, now } = options;
  const refusals = createRefusals(observer, log, now);
  const connections = new Connections({ limits, refusals, now });
  acceptInTurn(server, connections, { ...limits.pace, now });
  cutSlowReaders(server, connections, limits);
  const fastify = Fastify({
    serverFactory: handler => attachHandler(server, handler, { connections, refusals, now }),
    logger: false,
    clientErrorHandler: createClientErrorHandler(limits, connections),
    frameworkErrors: (_error, _request, reply) =>
      sendError(reply, { code: 400, detail: 'expected a URL that can be read' }),
    // While it closes, kept connections still get their answer: a 503 would be a pod without its identity.
    return503OnClosing: false,
    forceCloseConnections: 'idle',
  });
  fastify.removeAllContentTypeParsers();
  // Bodies are read by the route that wants one, as bytes, within its limits.
  fastify.addContentTypeParser('*', (_request, _payload, done) => done(null));
  observeRequests(fastify, options);
  handleErrors(fastify, routes, log);
  return { fastify, server, connections, moreListeners: [], refusals };
}

/** A connection is cut that much later at most. */
function cutSlowReaders(server: Server, connections: Connections, { checkIntervalMs }: ServerLimits): void {
  const timer = setInterval(() => connections.cutSlowReaders(), checkIntervalMs).unref();
  server.once('close', () => clearInterval(timer));
}

interface RequestParts {
  readonly connections: Connections;
  readonly refusals: Refusals;
  readonly now: () => number;
}

/** Hands on the requests of each connection one after the other, as every HTTP client of Kubernetes sends them. */
function attachHandler(server: Server, handler: RequestListener, { connections, refusals, now }: RequestParts): Server {
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const connection = connections.of(request.socket);
    if (request.socket.destroyed || connection === undefined) return; // closed while the request was read
    if (connection.owesAnswer) {
      // Each would cost some kilobytes while it waits for the ones before: thousands fit into one packet.
      refusals.add('pipelined', connection.peer);
      request.socket.destroy();
      return;
    }
    connection.begin(response, now());
    response.on('close', () => connection.end(response, now())); // comes once; `once()` takes twice the time
    handler(request, response);
  });
  return server;
}

// nginx's code for "client closed request"; none of the registered ones says it.
const clientClosedRequest = 499;

/**
 * Reports every request to the observer, from its headers to the end of its connection or answer, whichever comes first. Clients
 * choose the paths, so that all but ours are `other`.
 */
function observeRequests(app: FastifyInstance, { routes, observer, now }: AppOptions): void {
  app.addHook('onRequest', (request, reply, done) => {
    const startedMs = now();
    const path = pathOf(request.url);
    const handler = routes.has(path) ? path : 'other';
    observer.requestStarted(handler);
    // Fastify's onResponse hook is not called when the client goes away; this event always comes.
    reply.raw.on('close', () => {
      const code = reply.raw.writableFinished ? reply.raw.statusCode : clientClosedRequest;
      observer.requestEnded({ handler, method: request.method, code, seconds: (now() - startedMs) / 1_000 });
    });
    done();
  });
}
