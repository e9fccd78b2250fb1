import { Agent } from 'node:https';
import { describe, expect, test } from 'vitest';
import { reviewOf } from '../../admission/support.ts';
import { RawConnection, send } from '../../server/client.ts';
import { startServer } from '../../server/running-server.ts';
import { waitFor } from '../../support/wait-for.ts';

describe('Connections above the limit', () => {
  test('are answered with 503 and closed, while the others are served, and all are again later', async () => {
    await using server = await startServer({ limits: { connections: 2, surplusConnections: 1, connectionsKept: 32 } });
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    expect((await send(server, { body: reviewOf(), agent })).status).toBe(200);
    const idle = await new RawConnection(server).opened();
    expect(await send(server, { body: reviewOf() })).toMatchObject({
      status: 503,
      headers: { 'retry-after': '1', connection: 'close' },
      body: '{"error":"too many connections at once"}',
    });
    expect((await send(server, { body: reviewOf(), agent })).status).toBe(200);
    const line = { level: 'warn', msg: 'A caller was refused more than its share.' };
    expect(await server.logLines()).toContainEqual(expect.objectContaining(line));
    idle.socket.destroy();
    await waitFor(async () => (await send(server, { body: reviewOf() })).status === 200, { what: 'an answer' });
    agent.destroy();
  });

  test('have their bodies received and forgotten before the answer', async () => {
    await using server = await startServer({ limits: { connections: 1, surplusConnections: 1, connectionsKept: 32 } });
    const first = await new RawConnection(server).opened();
    const answer = await send(server, { body: Buffer.alloc(8_000_000, ' ') });
    expect(answer.status).toBe(503);
    first.socket.destroy();
  });
});
