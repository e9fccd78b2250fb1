import { once } from 'node:events';
import { connect as connectPlainly, type Socket } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import { startProgram } from '../integration/program/program-on-fake-api.ts';
import { reviewFor } from '../integration/program/reviews.ts';
import type { WebhookProcess } from '../support/webhook-process.ts';
import { ApiServerCaller } from './support/api-server-caller.ts';
import { figureOf, type Fault } from './support/fault.ts';
import { allowance, byForm } from './support/lab.ts';
import { startLoad } from './support/load.ts';

const othersP99Ms = 50;
const head = 'POST /mutate?timeout=10s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n';

async function openTls({ port, caBundle: ca }: WebhookProcess): Promise<TLSSocket> {
  const socket = connect({ host: '127.0.0.1', port, ca, servername: 'localhost' });
  socket.on('error', () => undefined);
  await once(socket, 'secureConnect');
  return socket;
}

/** How long it takes until the connection is closed, while a byte is sent each 100 ms. */
async function lifeMs(socket: Socket, bytes = ''): Promise<number> {
  const startMs = performance.now();
  let position = 0;
  const timer = setInterval(() => {
    if (socket.writable && position < bytes.length) socket.write(bytes.charAt(position));
    position += 1;
  }, 100);
  socket.resume();
  await once(socket, 'close');
  clearInterval(timer);
  return performance.now() - startMs;
}

interface SlowClient {
  readonly name: string;
  /** The limit, and the second in which it is looked at. */
  readonly limitMs: number;
  readonly live: (webhook: WebhookProcess) => Promise<number>;
}

const slowClients: readonly SlowClient[] = [
  {
    name: 'nothing sent',
    limitMs: 5_000,
    async live({ port }) {
      const socket = connectPlainly(port, '127.0.0.1');
      socket.on('error', () => undefined);
      return lifeMs(socket);
    },
  },
  { name: 'nothing after the handshake', limitMs: 6_000, live: async webhook => lifeMs(await openTls(webhook)) },
  {
    name: 'headers dripped',
    limitMs: 6_000,
    live: async webhook => lifeMs(await openTls(webhook), `${head}X: ${'x'.repeat(1_000)}`),
  },
  {
    name: 'body dripped',
    limitMs: 11_000,
    async live(webhook) {
      const socket = await openTls(webhook);
      socket.write(`${head}Content-Length: 1000\r\n\r\n`);
      return lifeMs(socket, ' '.repeat(1_000));
    },
  },
];

/** Connections on which one request was made, and no more. */
async function openIdle(webhook: WebhookProcess, count: number): Promise<readonly TLSSocket[]> {
  const sockets: TLSSocket[] = [];
  for (let index = 0; index < count; index += 1) {
    const socket = await openTls(webhook);
    socket.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n');
    socket.resume();
    sockets.push(socket);
  }
  return sockets;
}

export const slowClientsCut: Fault = {
  row: 19,
  name: 'clients that are slow in handshake, headers or body, and 900 idle connections',
  behaviour:
    'cut after 5, 5 and 10 s, looked at each second, with 503; a connection without a request only where many are open; others are served meanwhile',
  expected: '0 of the other reviews, their p99 ≤ 50 ms; cut after 5, 6, 6 and 11 s',
  isShort: false,
  waits: false,
  async run(lab) {
    await using program = await startProgram();
    const { webhook } = program;
    using caller = new ApiServerCaller({ port: webhook.port, ca: webhook.caBundle });
    const idle = await openIdle(webhook, byForm(lab, { short: 100, usual: 900, long: 900 }));
    const review = reviewFor('app');
    const others = startLoad(50, () => caller.call(review));
    const lives = await Promise.all(
      slowClients.map(async client => ({ ...client, tookMs: await client.live(webhook) })),
    );
    const tally = await others.stop();
    for (const socket of idle) socket.destroy();
    const p99 = tally.percentileMs(0.99);
    const seconds = lives.map(({ name, tookMs }) => `${name} ${(tookMs / 1_000).toFixed(1)} s`).join(', ');
    return figureOf(tally, `${seconds}; p99 of others ${p99.toFixed(0)} ms ${tally.causes()}`, [
      p99 > othersP99Ms * allowance() && `p99 of others ${p99.toFixed(0)} ms`,
      ...lives.map(({ name, tookMs, limitMs }) => tookMs > (limitMs + 500) * allowance() && `${name} for too long`),
    ]);
  },
};
