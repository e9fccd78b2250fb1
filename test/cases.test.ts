import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';

/** The numbered edge cases of the specification. */
const ranges: readonly (readonly [first: number, last: number])[] = [
  [1, 18],
  [20, 36],
  [40, 66],
  [70, 80],
  [90, 112],
  [120, 136],
  [140, 150],
];

/** Cases that no test of this repository can show yet, and why. */
const elsewhere: ReadonlyMap<number, string> = new Map([
  [31, 'the selector that excludes our own pods belongs to the chart'],
  [105, '/var/run as a symlink in the image is the container runtime’s matter'],
]);

const folder = import.meta.dirname;

async function testNames(): Promise<string> {
  const entries = await readdir(folder, { recursive: true });
  const files = entries.filter(entry => entry.endsWith('.test.ts') && entry !== 'cases.test.ts');
  const texts = await Promise.all(files.map(file => readFile(join(folder, file), 'utf8')));
  const code = texts.flatMap(text => text.split('\n')).filter(line => !/^\s*(\/\/|\*|\/\*)/.test(line));
  return [...code, ...(await readdir(join(folder, 'golden'))).map(name => name.replaceAll('-', ' '))].join('\n');
}

test('every edge case has a test that bears its number', async () => {
  const names = await testNames();
  const numbers = new Set([...names.matchAll(/\bE(\d+)\b/g)].map(match => Number(match[1])));
  const all = ranges.flatMap(([first, last]) => Array.from({ length: last - first + 1 }, (_, index) => first + index));
  const missing = all.filter(number => !numbers.has(number) && !elsewhere.has(number));
  expect(missing.map(number => `E${number}`)).toEqual([]);
  expect([...numbers].filter(number => !all.includes(number))).toEqual([]);
  expect([...elsewhere.keys()].filter(number => numbers.has(number))).toEqual([]);
});
