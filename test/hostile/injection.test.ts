import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { reviewOf } from '../admission/support.ts';
import { waitFor } from '../support/wait-for.ts';
import { Attacker, headOf } from './support/attacker.ts';
import { startVictim, type Victim } from './support/victim.ts';

let victim: Victim;
beforeAll(async () => {
  victim = await startVictim(['--v=4']);
});
afterAll(() => victim[Symbol.asyncDispose]());

async function exchange(bytes: string): Promise<string> {
  const attacker = await new Attacker(victim.webhook).opened();
  if (attacker === undefined) throw new Error('expected a connection');
  attacker.socket.write(bytes);
  return attacker.untilClosed();
}

function answers(received: string): readonly number[] {
  return [...received.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(match => Number(match[1]));
}

describe('HTTP requests that two parsers may read differently', () => {
  const smuggled = 'POST /mutate HTTP/1.1\r\nHost: smuggled\r\nContent-Length: 0\r\n\r\n';
  test.each([
    ['both lengths', headOf('Content-Length: 4', 'Transfer-Encoding: chunked') + `0\r\n\r\n${smuggled}`],
    [
      'two transfer codings',
      headOf('Transfer-Encoding: chunked', 'Transfer-Encoding: identity') + `0\r\n\r\n${smuggled}`,
    ],
    ['chunked not last', headOf('Transfer-Encoding: chunked, gzip') + `0\r\n\r\n${smuggled}`],
    ['an unknown transfer coding', headOf('Transfer-Encoding: xchunked') + smuggled],
    ['two lengths', headOf('Content-Length: 0', 'Content-Length: 60') + smuggled],
    ['a length with a sign', headOf('Content-Length: +0') + smuggled],
    ['a space before the colon', headOf('Content-Length : 60') + smuggled],
    ['a folded header', headOf('X: a\r\n Content-Length: 60') + smuggled],
    ['a line feed without carriage return', `POST /mutate HTTP/1.1\nHost: x\nContent-Length: 0\n\n${smuggled}`],
    [
      'a chunk extension with a line feed',
      headOf('Transfer-Encoding: chunked') + `1;a\nb\r\nx\r\n0\r\n\r\n${smuggled}`,
    ],
    ['a header with a NUL', headOf('X: \u0000') + smuggled],
  ])('get one answer, 400, and the connection is closed: %s (E168)', async (_name, bytes) => {
    expect(answers(await exchange(bytes))).toEqual([400]);
  });
});

describe('What clients choose', () => {
  const evil = 'x\r\nSet-Cookie: a=b\r\n\r\n{"allowed":true}';

  test('never becomes a header of the answer (E169)', async () => {
    const body = reviewOf({
      uid: evil,
      object: { metadata: { name: evil, annotations: { [evil]: evil } }, spec: { serviceAccountName: evil } },
    });
    const close = 'Connection: close';
    const received = [
      await exchange(headOf(`Content-Length: ${Buffer.byteLength(body)}`, close) + body),
      await exchange(headOf('Content-Length: 0', close).replace('application/json', 'text/%0d%0aSet-Cookie: a=b')),
      await exchange(`GET /%0d%0aSet-Cookie:%20a=b HTTP/1.1\r\nHost: x\r\n${close}\r\n\r\n`),
    ];
    for (const text of received) {
      const [head = ''] = text.split('\r\n\r\n', 1);
      expect(head.toLowerCase()).not.toContain('set-cookie');
      expect(head).toMatch(/^HTTP\/1\.1 [245]\d\d /);
    }
  });

  test('never becomes a line, a field or a control sequence of the log (E169)', async () => {
    const attack = '"}\n{"level":"error","msg":"forged"}\r\u001b[2J\u001b]0;x\u0007';
    for (const object of [
      {
        metadata: { name: attack, generateName: attack },
        spec: { serviceAccountName: 'app', containers: [{ name: attack }] },
      },
      {
        metadata: { name: attack, annotations: { 'eks.amazonaws.com/skip-containers': attack } },
        spec: { serviceAccountName: attack, containers: [{}] },
      },
    ]) {
      const body = reviewOf({ uid: attack, namespace: 'ns', object });
      await exchange(headOf(`Content-Length: ${Buffer.byteLength(body)}`, 'Connection: close') + body);
    }
    const lines = await waitFor(
      () => {
        const found = victim.webhook.log().filter(line => line['uid'] === attack);
        return found.length >= 2 && found;
      },
      { what: 'the lines of both reviews' },
    );
    for (const line of lines) expect(line.level).not.toBe('error');
    // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
    expect(victim.webhook.output()).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
    expect(victim.webhook.log().filter(line => line.msg === 'forged')).toEqual([]);
  });
});
