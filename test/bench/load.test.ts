import { createServer, type Server } from 'node:https';
import type { ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { Target } from '../../bench/load.ts';
import { sendOpenLoop } from '../../bench/open-loop-load.ts';
import { saturate } from '../../bench/saturated-load.ts';
import { createCertificateAuthority } from '../support/certificates.ts';
import { listenOnLoopback } from '../support/listen-on-loopback.ts';

const answerText = '{"answer":true}';
const openLoop = { ratePerSecond: 200, warmUpMs: 50, measuredMs: 300, seed: 1, answerBytes: answerText.length };
const saturated = { connections: 4, warmUpMs: 50, measuredMs: 300 };
const body = Buffer.from('{"review":true}');

interface Webhook extends AsyncDisposable {
  readonly target: Target;
  /** What each request was: method, path, headers. */
  readonly requests: readonly string[];
  readonly server: Server;
}

async function startWebhook(answer: (response: ServerResponse) => void): Promise<Webhook> {
  const { certificate, key } = createCertificateAuthority().issue();
  const requests: string[] = [];
  const server = createServer({ cert: certificate, key }, (request, response) => {
    requests.push(`${request.method} ${request.url} ${request.headers['content-type']} HTTP/${request.httpVersion}`);
    request.resume();
    request.on('end', () => answer(response));
  });
  const { port, close } = await listenOnLoopback(server);
  const url = new URL(`https://127.0.0.1:${port}/mutate`);
  return { target: { name: 'test', url, pid: process.pid }, requests, server, [Symbol.asyncDispose]: close };
}

describe('sendOpenLoop()', () => {
  test('calls as the API server does, and counts right answers only once the warm-up is over', async () => {
    await using webhook = await startWebhook(response => response.end(answerText));
    const load = await sendOpenLoop(webhook.target, body, openLoop);
    expect(load.failures).toEqual({});
    expect(load.reviewsPerSecond).toBeGreaterThan(0);
    expect(new Set(webhook.requests)).toEqual(new Set(['POST /mutate?timeout=10s application/json HTTP/1.1']));
  });

  test('includes the whole wait in the latency', async () => {
    const waitMs = 120;
    await using webhook = await startWebhook(response => void delay(waitMs).then(() => response.end(answerText)));
    const load = await sendOpenLoop(webhook.target, body, openLoop);
    expect(load.latencyMs.p50).toBeGreaterThanOrEqual(waitMs - 1);
  });

  test('goes on sending while answers are outstanding', async () => {
    let isHolding = true;
    const held: ServerResponse[] = [];
    await using webhook = await startWebhook(response => {
      if (isHolding) held.push(response);
      else response.end(answerText);
    });
    const sent = sendOpenLoop(webhook.target, body, openLoop);
    await expect.poll(() => held.length, { timeout: 10_000 }).toBeGreaterThan(20);
    isHolding = false;
    for (const response of held) response.end(answerText);
    expect((await sent).failures).toEqual({});
  });

  test.each([
    { what: 'another status', answer: (response: ServerResponse) => response.writeHead(503).end(), cause: 'HTTP 503' },
    { what: 'another body', answer: (response: ServerResponse) => response.end('{}'), cause: 'another answer' },
    { what: 'a cut connection', answer: (response: ServerResponse) => response.destroy(), cause: 'ECONNRESET' },
  ])('counts $what as a failure', async ({ answer, cause }) => {
    await using webhook = await startWebhook(answer);
    const load = await sendOpenLoop(webhook.target, body, openLoop);
    expect(Object.keys(load.failures)).toEqual([cause]);
    expect(load.reviewsPerSecond).toBe(0);
  });

  test('makes a full handshake for every connection', async () => {
    const resumed: boolean[] = [];
    await using webhook = await startWebhook(response =>
      response.writeHead(200, { connection: 'close' }).end(answerText),
    );
    webhook.server.on('secureConnection', socket => resumed.push(socket.isSessionReused()));
    await sendOpenLoop(webhook.target, body, openLoop);
    expect(resumed.length).toBeGreaterThan(10);
    expect(resumed).not.toContain(true);
  });
});

describe('saturate()', () => {
  test('keeps every connection busy, and measures latency and cost', async () => {
    const connections = new Set<unknown>();
    await using webhook = await startWebhook(response => response.end(answerText));
    webhook.server.on('secureConnection', socket => connections.add(socket));
    const load = await saturate(webhook.target, body, saturated);
    expect(load.failures).toEqual({});
    expect(load.reviewsPerSecond).toBeGreaterThan(0);
    expect(load.latencyMs.p99).toBeGreaterThanOrEqual(load.latencyMs.p50);
    expect(connections.size).toBe(saturated.connections);
    expect(new Set(webhook.requests)).toEqual(new Set(['POST /mutate?timeout=10s application/json HTTP/1.1']));
  });

  test('counts another status as a failure', async () => {
    await using webhook = await startWebhook(response => response.writeHead(503).end());
    const load = await saturate(webhook.target, body, saturated);
    expect(Object.keys(load.failures)).toEqual(['HTTP 503']);
    expect(load.reviewsPerSecond).toBe(0);
  });
});
