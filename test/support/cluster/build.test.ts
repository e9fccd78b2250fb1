import { chmod, mkdir, readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createTempFolder } from '../temp-folder.ts';
import { prepareBinaries, type Binaries } from './build.ts';
import { pinnedChecksum, pinnedKubernetesVersion } from './go-module.ts';

/** A `go` that tells its version, and "builds" by writing its arguments into the file after `-o`. */
function fakeGo(version: string, buildExit = 0): string {
  return `#!/bin/sh
PATH=/usr/bin:/bin
if [ "$1" = env ]; then echo ${version}; exit 0; fi
echo "go: downloading example.com/module v1.0.0" >&2
[ ${buildExit} = 0 ] || { echo "main.go:1: no such package" >&2; exit ${buildExit}; }
arguments="$*"
while [ "$1" != -o ]; do shift; done
mkdir -p "$(dirname "$2")"
echo "$arguments" > "$2"
chmod +x "$2"
`;
}

interface Machine extends AsyncDisposable {
  readonly path: string;
  readonly cache: string;
  /** What was printed while preparing. */
  readonly lines: string[];
  prepare(changes?: NodeJS.ProcessEnv): Promise<Binaries>;
}

/** A machine with nothing cached, and with this `go`, if any. */
async function createMachine(go?: string): Promise<Machine> {
  const temp = await createTempFolder();
  const lines: string[] = [];
  if (go !== undefined) await chmod(await temp.write('go', go), 0o755);
  const environment = { PATH: temp.path, XDG_CACHE_HOME: join(temp.path, 'cache') };
  return {
    path: temp.path,
    cache: join(temp.path, 'cache', 'irsa-webhook'),
    lines,
    prepare: changes =>
      prepareBinaries({ environment: { ...environment, ...changes }, progress: line => void lines.push(line) }),
    [Symbol.asyncDispose]: () => temp[Symbol.asyncDispose](),
  };
}

async function writeExecutables(folder: string, ...names: readonly string[]): Promise<string> {
  await mkdir(folder, { recursive: true });
  for (const name of names) await writeFile(join(folder, name), '', { mode: 0o755 });
  return folder;
}

describe('prepareBinaries()', () => {
  test('builds both once, under the name of what they were built from, and says so', async () => {
    await using machine = await createMachine(fakeGo('go1.26.0'));
    const version = await pinnedKubernetesVersion();
    const folder = join(machine.cache, `kubernetes-${version}-${await pinnedChecksum()}`);
    expect(await machine.prepare()).toEqual({ kind: 'ready', folder });
    expect((await readdir(folder)).sort()).toEqual(['etcd', 'kube-apiserver']);
    expect(await readFile(join(folder, 'kube-apiserver'), 'utf8')).toMatch(
      /^build -trimpath -ldflags=-s -w .*version\.gitVersion=v1\.\d+\.\d+ .* k8s\.io\/kubernetes\/cmd\/kube-apiserver\n$/,
    );
    expect(machine.lines[0]).toBe(
      `Building etcd and kube-apiserver ${version} with go1.26.0: once, about 5 minutes on two cores; kept in ${folder}`,
    );
    expect(await readdir(machine.cache)).toHaveLength(1);

    machine.lines.length = 0;
    expect(await machine.prepare({ PATH: '' })).toEqual({ kind: 'ready', folder });
    expect(machine.lines).toEqual([]);
  });

  test('gives both callers the result when two build at once', async () => {
    await using machine = await createMachine(fakeGo('go1.26.0'));
    const [first, second] = await Promise.all([machine.prepare(), machine.prepare()]);
    expect(first).toEqual(second);
    expect(first.kind).toBe('ready');
  });

  test('leaves nothing half built when the build fails, and shows what the compiler said', async () => {
    await using machine = await createMachine(fakeGo('go1.26.0', 1));
    await expect(machine.prepare()).rejects.toThrow('main.go:1: no such package');
    expect(await readdir(machine.cache)).toEqual([]);
  });

  test('removes what a build left behind that was interrupted long ago, and nothing of one that may still run', async () => {
    await using machine = await createMachine(fakeGo('go1.26.0', 1));
    const folderOf = (name: string): Promise<string> => writeExecutables(join(machine.cache, name), 'etcd');
    const twoDaysAgo = new Date(Date.now() - 2 * 24 * 60 * 60 * 1000);
    for (const name of ['.building-old', 'kubernetes-1.33.0'])
      await utimes(await folderOf(name), twoDaysAgo, twoDaysAgo);
    await folderOf('.building-new');
    await expect(machine.prepare()).rejects.toThrow();
    expect((await readdir(machine.cache)).sort()).toEqual(['.building-new', 'kubernetes-1.33.0']);
  });

  test.each([
    { go: undefined, reason: 'go_missing', found: 'none' },
    { go: 'go1.25.9', reason: 'go_too_old', found: 'go1.25.9' },
    { go: 'go1.4', reason: 'go_too_old', found: 'go1.4' },
  ])('says what to install when Go is $found', async ({ go, reason, found }) => {
    await using machine = await createMachine(go && fakeGo(go));
    expect(await machine.prepare()).toEqual({
      kind: 'unavailable',
      reason,
      detail:
        `Go 1.26 or newer is needed to build etcd and kube-apiserver ${await pinnedKubernetesVersion()}, found ${found}: ` +
        'install it from https://go.dev/dl, or set KUBEBUILDER_ASSETS to a folder with etcd and kube-apiserver',
    });
  });

  test.each(['go1.26.0', 'go1.27rc1', 'go2.0'])('builds when Go is %s', async go => {
    await using machine = await createMachine(fakeGo(go));
    expect((await machine.prepare()).kind).toBe('ready');
  });

  test('takes the folder of KUBEBUILDER_ASSETS without any Go', async () => {
    await using machine = await createMachine();
    const folder = await writeExecutables(join(machine.path, 'assets'), 'etcd', 'kube-apiserver', 'kubectl');
    expect(await machine.prepare({ KUBEBUILDER_ASSETS: folder })).toEqual({ kind: 'ready', folder });
  });

  test('refuses KUBEBUILDER_ASSETS without kube-apiserver, rather than build', async () => {
    await using machine = await createMachine(fakeGo('go1.26.0'));
    const folder = await writeExecutables(join(machine.path, 'assets'), 'etcd');
    await expect(machine.prepare({ KUBEBUILDER_ASSETS: folder })).rejects.toThrow(
      `found no kube-apiserver in ${folder}`,
    );
  });

  test.each(['1.34', 'v1.34.4', 'latest', '../1.34.4'])('refuses KUBERNETES_VERSION=%s', async version => {
    await using machine = await createMachine(fakeGo('go1.26.0'));
    await expect(machine.prepare({ KUBERNETES_VERSION: version })).rejects.toThrow(
      `such as 1.34.4, found "${version}"`,
    );
  });
});
