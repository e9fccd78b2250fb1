import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { reviewOf } from '../admission/support.ts';
import { waitFor } from '../support/wait-for.ts';
import { Attacker, drip, headOf, statusOf, times } from './support/attacker.ts';
import { startVictim, type Victim } from './support/victim.ts';

let victim: Victim;
beforeAll(async () => {
  victim = await startVictim();
});
afterAll(() => victim[Symbol.asyncDispose]());

/** Twice the 11 s after which the last of them is cut, for a busy machine. */
const cutMs = 22_000;

/** Half of `--max-connections`: while no more are open, one that says nothing may go on doing so. */
const quietConnections = 512;

/** Waits until no more than so many are open. */
async function cut(attackers: readonly { readonly closed: Promise<void> }[], toAtMost = 0): Promise<void> {
  let open = attackers.length;
  for (const { closed } of attackers) void closed.then(() => (open -= 1));
  await waitFor(() => open <= toAtMost, { what: `all but ${toAtMost} connections to be cut`, timeoutMs: cutMs });
}

describe('The webhook survives', () => {
  test('100 headers and 100 bodies that drip, and cuts them off (E162)', async () => {
    await victim.survives('200 dripping clients', async () => {
      const attackers = await times(200, async index => {
        const attacker = new Attacker(victim.webhook);
        await attacker.opened();
        if (index % 2 === 0) attacker.socket.write(headOf('Content-Length: 100000'));
        void drip(attacker, 'POST /mutate HTTP/1.1\r\nX: '.padEnd(1_000, 'x'), 200);
        return attacker;
      });
      await cut(attackers);
      const statuses = attackers.map(attacker => statusOf(attacker.received));
      expect(statuses.every(status => status === 503 || status === 0)).toBe(true);
    });
  });

  test('1,000 connections that say nothing, 600 of them after the handshake, and cuts off all that are too many (E163)', async () => {
    await victim.survives('1,000 idle connections', async () => {
      const idle = await times(1_000, async index => {
        if (index % 5 < 3) {
          const attacker = new Attacker(victim.webhook);
          await attacker.opened();
          return { closed: attacker.closed, end: () => attacker.socket.destroy() };
        }
        const socket = connect(victim.webhook.port, '127.0.0.1');
        socket.on('error', () => undefined);
        socket.resume();
        return {
          closed: new Promise<void>(resolve => socket.once('close', () => resolve())),
          end: () => socket.destroy(),
        };
      });
      await cut(idle, quietConnections);
      for (const { end } of idle) end();
    });
  });

  test('1,200 connections at once, each with a review that is answered or told to come again (E164)', async () => {
    const body = reviewOf();
    const statuses: number[] = [];
    await victim.survives('1,200 connections', async () => {
      const attackers = await times(1_200, async () => new Attacker(victim.webhook).opened());
      const answers = attackers.map(async attacker => {
        if (attacker === undefined) return 0;
        await attacker.write(headOf(`Content-Length: ${body.length}`, 'Connection: close'));
        await attacker.write(body);
        return statusOf(await attacker.untilClosed());
      });
      statuses.push(...(await Promise.all(answers)));
    });
    expect(statuses.filter(status => ![0, 200, 503].includes(status))).toEqual([]);
    expect(statuses.filter(status => status === 200).length).toBeGreaterThan(0);
  });

  test('renegotiation, which it refuses (E166)', async () => {
    await victim.survives('renegotiation', async () => {
      await times(20, async () => {
        const attacker = await new Attacker(victim.webhook, { maxVersion: 'TLSv1.2' }).opened();
        if (attacker === undefined) throw new Error('expected a connection of TLS 1.2');
        const outcome = new Promise(resolve => {
          attacker.socket.renegotiate({}, error => resolve(error ?? 'renegotiated'));
          void attacker.closed.then(() => resolve('closed'));
        });
        expect(await Promise.race([outcome, delay(5_000, 'no answer', { ref: false })])).not.toBe('renegotiated');
        attacker.socket.destroy();
      });
    });
  });

  test('garbage on the TLS port (E167)', async () => {
    const garbage = [
      'GET / HTTP/1.1\r\n\r\n',
      '\u0016\u0003\u0001\u00ff\u00ff',
      '\u0000'.repeat(70_000),
      'SSH-2.0-x\r\n',
    ];
    await victim.survives('garbage instead of TLS', async () => {
      await times(200, async index => {
        const socket = connect(victim.webhook.port, '127.0.0.1');
        socket.on('error', () => undefined);
        socket.resume();
        socket.write(Buffer.from(garbage[index % garbage.length] ?? '', 'latin1'));
        socket.end();
        await new Promise(resolve => socket.once('close', resolve));
      });
    });
  });
});
