import { execFile } from 'node:child_process';
import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import packageJson from '../../../package.json' with { type: 'json' };
import { findTool } from '../../../scripts/tools/tool.ts';
import { createTempFolder } from '../../support/temp-folder.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '..', '..', '..');

/** The first run fetches a Node.js of 50 MB. */
const timeoutMs = 300_000;

describe('make binaries', () => {
  test('makes one file that is irsa, also as a plugin of kubectl', { timeout: timeoutMs }, async () => {
    await using folder = await createTempFolder();
    const environment = { ...process.env, PLATFORMS: 'own', OUT: folder.path };
    const { stdout } = await run(process.execPath, ['scripts/binaries.ts'], { cwd: root, env: environment });
    const binary = stdout.trim();
    // Neither Node.js nor the checkout is within reach.
    const alone = { cwd: folder.path, env: { PATH: folder.path, HOME: folder.path } };
    expect((await run(binary, ['version'], alone)).stdout).toBe(`${packageJson.version}\n`);
    expect((await run(binary, ['serve', '--help'], alone)).stdout).toContain('--tls-cert');
    await symlink(binary, join(folder.path, 'kubectl-irsa'));
    const plugin = await run(findTool('kubectl'), ['irsa', 'version', '--output', 'json'], alone);
    expect(JSON.parse(plugin.stdout)).toMatchObject({ kind: 'Version', version: packageJson.version });
  });
});
