import type { FastifyInstance } from 'fastify';
import type { HttpObserver } from './observers.ts';

// nginx's code for "client closed request"; none of the registered ones says it.
const clientClosedRequest = 499;

export interface ObserveRequestsOptions {
  readonly observer: HttpObserver;
  /** The paths that are told apart; all others are `other`, because clients choose them. */
  readonly handlers: ReadonlySet<string>;
  /** Milliseconds of a clock that only goes forward. */
  readonly now: () => number;
}

/** Tells the observer of every request from its headers to the end of its connection or answer, whichever comes first. */
export function observeRequests(app: FastifyInstance, { observer, handlers, now }: ObserveRequestsOptions): void {
  app.addHook('onRequest', (request, reply, done) => {
    const startedMs = now();
    const path = pathOf(request.url);
    const handler = handlers.has(path) ? path : 'other';
    observer.requestStarted(handler);
    // Fastify's onResponse hook is not called when the client goes away; this event always comes.
    reply.raw.on('close', () => {
      const code = reply.raw.writableFinished ? reply.raw.statusCode : clientClosedRequest;
      observer.requestEnded({ handler, method: request.method, code, seconds: (now() - startedMs) / 1_000 });
    });
    done();
  });
}

/** The URL without its query. */
export function pathOf(url: string): string {
  const end = url.indexOf('?');
  return end === -1 ? url : url.slice(0, end);
}
