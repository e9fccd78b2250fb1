import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { readOpenFileLimit } from '../../../src/commands/serve/start-webhook.ts';

const module = new URL('../../../src/commands/serve/start-webhook.ts', import.meta.url);
const program = `const { readOpenFileLimit } = await import('${module.href}'); console.log(await readOpenFileLimit());`;

test('readOpenFileLimit() returns what the process may open', async () => {
  const script = 'ulimit -n 512; exec "$0" --input-type=module --eval "$1"';
  const child = spawn('bash', ['-c', script, process.execPath, program], { stdio: ['ignore', 'pipe', 'inherit'] });
  expect(await text(child.stdout)).toBe('512\n');
});

test('readOpenFileLimit() knows of no limit where the system does not tell', async () => {
  expect(await readOpenFileLimit('/does/not/exist')).toBe(Number.POSITIVE_INFINITY);
});
