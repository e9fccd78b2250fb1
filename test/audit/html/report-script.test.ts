import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

test('the script of the page agrees with the types of the DOM', async () => {
  const root = join(import.meta.dirname, '..', '..', '..');
  const compiler = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc');
  const run = promisify(execFile)(process.execPath, [compiler, '-p', join(root, 'src', 'audit', 'html', 'browser')]);
  await expect(run).resolves.toMatchObject({ stdout: '' });
});
