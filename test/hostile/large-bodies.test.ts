import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pod, reviewOf } from '../admission/support.ts';
import { largeReviews } from '../fuzz/large-reviews.ts';
import { Attacker, headOf, post, times } from './support/attacker.ts';
import { startVictim, type Victim } from './support/victim.ts';

let victim: Victim;
beforeAll(async () => {
  victim = await startVictim();
});
afterAll(() => victim[Symbol.asyncDispose]());

/** 24 bodies of 3 MiB are three times what may be in flight; `LONG=1` sends as many as an API server may have on its way. */
const bodiesAtOnce = process.env['LONG'] === '1' ? 64 : 24;

const mebibyte = 1_048_576;

function filled(entry: (index: number) => string, bytes: number): string {
  const entries: string[] = [];
  for (let length = 0; length < bytes; length += entries.at(-1)?.length ?? 0) entries.push(entry(entries.length));
  return entries.join(',');
}

/** A review whose pod has this, as JSON text, beside what it needs. */
function podWith(member: string): Buffer {
  return Buffer.from(reviewOf().replace('"kind":"Pod","metadata"', () => `"kind":"Pod",${member},"metadata"`));
}

function containers(count: number): Buffer {
  const containers = Array.from({ length: count }, (_, index) => ({
    name: `container-${index}`,
    image: 'registry.example.com/team/application:1.2.3',
    env: Array.from({ length: 20 }, (_, variable) => ({ name: `VARIABLE_${variable}`, value: `value ${index}` })),
  }));
  return Buffer.from(reviewOf({ object: { ...pod, spec: { serviceAccountName: 'app', containers } } }));
}

function annotated(list: string): Buffer {
  const metadata = { name: 'app', annotations: { 'eks.amazonaws.com/skip-containers': list } };
  return Buffer.from(reviewOf({ object: { ...pod, metadata } }));
}

const bodies: readonly { readonly name: string; readonly body: () => Buffer; readonly status: number }[] = [
  { name: 'bodies of 3 MiB', body: () => podWith(`"note":"${'x'.repeat(3 * mebibyte)}"`), status: 200 },
  { name: 'pods of 1,000 containers', body: () => containers(1_000), status: 200 },
  { name: '3 MiB of [', body: () => Buffer.alloc(3 * mebibyte, '['), status: 400 },
  { name: '3 MiB of [],', body: () => podWith(`"x":[${filled(() => '[]', 3 * mebibyte)}]`), status: 400 },
  { name: '3 MiB of numbers', body: () => podWith(`"x":[${filled(() => '1', 1.5 * mebibyte)}]`), status: 400 },
  {
    name: '3 MiB of integer-like keys',
    body: () => podWith(`"x":{${filled(index => `"${index * 7_919}":1`, 3 * mebibyte)}}`),
    status: 200,
  },
  {
    name: '3 MiB of objects of different shape',
    body: () => podWith(`"x":[${filled(index => `{"k${index}":1}`, 2.5 * mebibyte)}]`),
    status: 400,
  },
  {
    name: '3 MiB of __proto__',
    body: () => podWith(`"x":[${filled(() => '{"__proto__":{"a":1}}', 2 * mebibyte)}]`),
    status: 200,
  },
  { name: '3 MiB of lone surrogates', body: () => podWith(`"note":"${'\\ud800'.repeat(mebibyte / 2)}"`), status: 200 },
  {
    name: '3 MiB of annotation',
    body: () => annotated(','.repeat(3 * mebibyte)),
    status: 200,
  },
];

describe('The webhook survives many at once of', () => {
  test.each(bodies)('$name (E159, E160)', async ({ name, body, status }) => {
    const bytes = body();
    const statuses: number[] = [];
    await victim.survives(`${bodiesAtOnce} times ${name}`, async () => {
      statuses.push(...(await times(bodiesAtOnce, () => post(victim.webhook, bytes))));
    });
    // 503: too many at once, come again.
    expect(statuses.filter(code => code !== 503 && code !== status)).toEqual([]);
    expect(statuses).toContain(status);
  });
});

describe('The webhook survives', () => {
  test('bodies made to be expensive, one after the other (E79, E160)', async () => {
    await victim.survives('expensive pods of 3 MB', async () => {
      for (const { build } of largeReviews)
        expect(await post(victim.webhook, Buffer.from(build(3_000_000)))).not.toBe(0);
    });
  });

  test('bodies without an end (E161)', async () => {
    const chunk = `10000\r\n${' '.repeat(65_536)}\r\n`;
    await victim.survives('32 endless bodies', async () => {
      await times(32, async () => {
        const attacker = await new Attacker(victim.webhook).opened();
        if (attacker === undefined) return;
        await attacker.write(headOf('Transfer-Encoding: chunked'));
        while (attacker.socket.writable) await attacker.write(chunk);
      });
    });
  });
});
