import { execFile } from 'node:child_process';
import { chmod, mkdir, readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { npmPackageVersion } from '../../scripts/tools/npm-package.ts';
import { createTempFolder, type TempFolder } from '../support/temp-folder.ts';

const scripts = join(import.meta.dirname, '..', '..', 'scripts');
/** What a Debian always has. */
const essential = ['cat', 'dirname', 'find', 'sed', 'sh', 'uname'];

interface Machine extends AsyncDisposable {
  readonly folder: TempFolder;
  /** Writes a command of this machine, a shell script. */
  command(name: string, script: string): Promise<void>;
  run(script: string, ...args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }>;
}

/** A machine that has the essential commands and nothing else. */
async function createMachine(): Promise<Machine> {
  const folder = await createTempFolder();
  const bin = join(folder.path, 'bin');
  await mkdir(bin);
  for (const name of essential) await symlink(`/bin/${name}`, join(bin, name));
  return {
    folder,
    async command(name, script) {
      await chmod(await folder.write(`bin/${name}`, `#!/bin/sh\n${script}\n`), 0o755);
    },
    run: (script, ...args) =>
      new Promise(resolve => {
        const env = { PATH: bin, XDG_CACHE_HOME: folder.path };
        execFile(join(scripts, script), args, { env }, (error, stdout, stderr) =>
          resolve({ code: error === null ? 0 : Number(error.code ?? 1), stdout, stderr }),
        );
      }),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

describe.skipIf(process.platform !== 'linux')('ensure-node.sh', () => {
  const wanted = packageJson.engines.node.replace('>=', '');
  const [major = 0, minor = 0] = wanted.split('.').map(Number);

  /** With an npm that fetches nothing, and this Node.js in the cache already. */
  async function cacheNode(machine: Machine, script: string): Promise<string> {
    const name = `node-linux-${process.arch}`;
    const bin = join('irsa-webhook', 'npm', `${name}-${await npmPackageVersion(name)}`, 'bin');
    await mkdir(join(machine.folder.path, bin), { recursive: true });
    await chmod(await machine.folder.write(join(bin, 'node'), `#!/bin/sh\n${script}\n`), 0o755);
    return join(machine.folder.path, bin);
  }

  test.each([
    { version: wanted, isOwn: true },
    { version: `${major}.${minor}.9`, isOwn: true },
    { version: `${major}.${minor + 1}.0`, isOwn: true },
    { version: `${major + 1}.0.0`, isOwn: true },
    { version: '100.2.0', isOwn: true },
    { version: `${major}.${minor - 1}.9`, isOwn: false },
    { version: `${major}.0.0`, isOwn: false },
    { version: `${major - 1}.99.0`, isOwn: false },
    { version: '9.11.2', isOwn: false },
  ])('takes the Node.js $version of the machine: $isOwn', async ({ version, isOwn }) => {
    await using machine = await createMachine();
    await machine.command('node', `echo ${version}`);
    const cached = await cacheNode(machine, 'exit 0');
    const own = join(machine.folder.path, 'bin');
    expect(await machine.run('ensure-node.sh')).toEqual({ code: 0, stdout: `${isOwn ? own : cached}\n`, stderr: '' });
  });

  test('says in one line that there is no Node.js', async () => {
    await using machine = await createMachine();
    const stderr = 'Node.js and npm are needed: install them from https://nodejs.org\n';
    expect(await machine.run('ensure-node.sh')).toEqual({ code: 1, stdout: '', stderr });
  });

  test('fails when the fetched one does not start', async () => {
    await using machine = await createMachine();
    await machine.command('node', 'echo 20.0.0');
    await machine.command('id', 'echo 1000');
    await cacheNode(machine, 'exit 127');
    const { code, stdout } = await machine.run('ensure-node.sh');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  });
});

describe.skipIf(process.platform !== 'linux')('install-debian-packages.sh', () => {
  test('does nothing when nothing is missing', async () => {
    await using machine = await createMachine();
    await machine.command('fish', '');
    await machine.command('id', 'echo 0');
    expect(await machine.run('install-debian-packages.sh', 'fish')).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  test('installs as root what is missing', async () => {
    await using machine = await createMachine();
    await machine.command('fish', '');
    await machine.command('id', 'echo 0');
    await machine.command('apt-get', `echo "$@" >> ${machine.folder.path}/apt-get.log`);
    const { code } = await machine.run('install-debian-packages.sh', 'fish', 'zsh', 'openssl');
    expect(code).toBe(0);
    const calls = (await readFile(join(machine.folder.path, 'apt-get.log'), 'utf8')).trim().split('\n');
    expect(calls).toEqual([
      expect.stringMatching(/ update$/),
      expect.stringMatching(/ install --no-install-recommends zsh openssl$/),
    ]);
  });

  test.each([
    { name: 'nobody is root', user: 1000, apt: 'exit 0', reason: '' },
    { name: 'the update fails', user: 0, apt: 'exit 100', reason: ', and apt-get update failed' },
    {
      name: 'the installation fails',
      user: 0,
      apt: 'case "$*" in *install*) exit 100; esac',
      reason: ', and apt-get install failed',
    },
  ])('says in one line what is missing when $name', async ({ user, apt, reason }) => {
    await using machine = await createMachine();
    await machine.command('id', `echo ${user}`);
    await machine.command('apt-get', apt);
    const { code, stderr } = await machine.run('install-debian-packages.sh', 'fish', 'zsh');
    expect(code).toBe(1);
    expect(stderr.trim().split('\n').at(-1)).toBe(
      `This machine lacks fish zsh (Debian packages)${reason}: root installs them with apt-get install fish zsh`,
    );
  });

  test('refuses a package that nothing needs', async () => {
    await using machine = await createMachine();
    expect(await machine.run('install-debian-packages.sh', 'emacs')).toMatchObject({ code: 1 });
  });
});
