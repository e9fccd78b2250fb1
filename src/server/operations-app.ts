import { createServer } from 'node:http';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Health } from '../util/health.ts';
import type { Log } from '../util/log.ts';
import { createApp, httpOptions, type App, type HttpObserver } from './create-app.ts';
import type { ServerLimits } from './limits.ts';

/** One of the things that must be well for this replica to get traffic. */
export interface ReadinessCheck {
  readonly name: string;
  readonly health: () => Health;
}

/** What `--enable-debugging-handlers` shows. */
export interface DebuggingHandlers {
  /** The ServiceAccount cache as it is to be shown in JSON. */
  dumpCache(): unknown;
  clearCache(): void;
}

/** The page for Prometheus. */
export interface MetricsPage {
  readonly contentType: string;
  readonly body: string;
}

export interface OperationsAppOptions {
  readonly checks: readonly ReadinessCheck[];
  readonly isDraining: () => boolean;
  readonly scrape: () => Promise<MetricsPage>;
  readonly debugging: DebuggingHandlers | undefined;
  readonly requests: HttpObserver;
  readonly limits: ServerLimits;
  readonly log: Log;
  /** Milliseconds of a clock that only goes forward. */
  readonly now: () => number;
}

const readOnly = 'GET, HEAD';

/** What the kubelet and Prometheus ask, without TLS. */
export function buildOperationsApp(options: OperationsAppOptions): App {
  const { limits, log, now, requests, scrape, debugging } = options;
  const routes = new Map(['/livez', '/readyz', '/healthz', '/metrics'].map(path => [path, readOnly]));
  if (debugging !== undefined) {
    routes.set('/debug/alpha/cache', readOnly).set('/debug/alpha/cache/clear', `${readOnly}, POST`);
  }
  const app = createApp(createServer(httpOptions(limits)), { routes, limits, observer: requests, log, now });
  app.fastify.get('/livez', () => 'ok');
  // The AWS webhook had it on this port before v0.5.6, and manifests still ask for it here.
  app.fastify.get('/healthz', () => 'ok');
  app.fastify.get('/readyz', (_request, reply) => sendReadiness(reply, options));
  app.fastify.get('/metrics', async (_request, reply) => {
    const page = await scrape();
    return reply.type(page.contentType).send(page.body);
  });
  if (debugging !== undefined) addDebuggingRoutes(app.fastify, debugging);
  return app;
}

function sendReadiness(reply: FastifyReply, { checks, isDraining }: OperationsAppOptions): FastifyReply {
  const shutdown = { name: 'shutdown', health: () => shutdownHealth(isDraining()) };
  const { isReady, body } = reportReadiness([...checks, shutdown]);
  return reply
    .code(isReady ? 200 : 503)
    .type('text/plain; charset=utf-8')
    .send(body);
}

function shutdownHealth(isDraining: boolean): Health {
  return isDraining ? { kind: 'unhealthy', detail: 'the process is about to end' } : { kind: 'healthy' };
}

interface ReadinessReport {
  readonly isReady: boolean;
  /** One line per check, in the form that the API server's own `/readyz?verbose` has. */
  readonly body: string;
}

function reportReadiness(checks: readonly ReadinessCheck[]): ReadinessReport {
  const results = checks.map(({ name, health }) => ({ name, health: health() }));
  return {
    isReady: results.every(({ health }) => health.kind !== 'unhealthy'),
    body: results.map(({ name, health }) => `${describe(name, health)}\n`).join(''),
  };
}

function describe(name: string, health: Health): string {
  switch (health.kind) {
    case 'healthy':
      return `[+]${name} ok`;
    case 'degraded':
      return `[+]${name} ok, but degraded: ${oneLine(health.detail)}`;
    case 'unhealthy':
      return `[-]${name} failed: ${oneLine(health.detail)}`;
  }
}

function oneLine(detail: string): string {
  return detail.replaceAll(/\s+/g, ' ');
}

/** Where the AWS webhook has them; it clears at a GET as well. */
function addDebuggingRoutes(fastify: FastifyInstance, debugging: DebuggingHandlers): void {
  fastify.get('/debug/alpha/cache', (_request, reply) =>
    reply.type('application/json').send(JSON.stringify(debugging.dumpCache(), undefined, 1)),
  );
  fastify.route({
    method: ['GET', 'POST'],
    url: '/debug/alpha/cache/clear',
    handler: (_request, reply) => {
      debugging.clearCache();
      return reply.code(200).send('');
    },
  });
}
