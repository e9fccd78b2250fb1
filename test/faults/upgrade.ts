import { execFile } from 'node:child_process';
import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { createTempFolder } from '../support/temp-folder.ts';
import { figureOf, type Fault } from './support/fault.ts';
import { startService, type Service } from './support/service.ts';
import { sum } from './support/tally.ts';

const root = join(import.meta.dirname, '..', '..');
/** Until a release is tagged: a commit whose webhook was in use. */
const beforeReleases = '2c84e08944df13bf1e920e2095af5ccd7478e229';
const run = promisify(execFile);

/** Builds the program of the last release in the folder; gives its path and name, or why that is not possible. */
async function buildPrevious(folder: string): Promise<{ path: string; name: string } | { reason: string }> {
  const lastTag = await run('git', ['-C', root, 'describe', '--tags', '--abbrev=0', 'HEAD^']).catch(() => undefined);
  const name = lastTag?.stdout.trim() ?? beforeReleases;
  const archive = join(folder, 'previous.tar');
  const files = ['src', 'scripts', 'package.json', 'tsconfig.json'];
  try {
    await run('git', ['-C', root, 'archive', `--output=${archive}`, name, ...files]);
    await run('tar', ['-C', folder, '-xf', archive]);
    await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
    await run(process.execPath, [join(folder, 'scripts', 'build.ts')], { cwd: folder });
    return { path: join(folder, 'dist', 'irsa.js'), name };
  } catch (error) {
    return { reason: `no earlier program can be built of ${name}: ${String(error).slice(0, 300)}` };
  }
}

async function upgrade(service: Service): Promise<void> {
  for (const old of [...service.replicas]) {
    await service.launch();
    await service.balanced(3);
    await old.stop('SIGTERM');
  }
}

export const upgradeFromPrevious: Fault = {
  row: 28,
  name: 'an upgrade from the previous release under load',
  behaviour: 'old and new replicas serve beside each other',
  expected: '0',
  isShort: false,
  waits: false,
  async run(lab) {
    await using folder = await createTempFolder();
    const previous = await buildPrevious(folder.path);
    if ('reason' in previous) return { kind: 'not-possible', reason: previous.reason };
    const flags = ['--drain-period=5s'];
    await using service = await startService(lab, { name: 'faults-upgrade', replicas: 0, flags });
    await Promise.all([1, 2].map(() => service.launch({ program: previous.path })));
    await service.balanced(2);
    const loads = service.load(20, 100);
    await upgrade(service);
    await delay(1_000);
    const tallies = await Promise.all(loads.map(load => load.stop()));
    return figureOf(sum(tallies), `from ${previous.name} ${tallies.map(tally => tally.causes()).join(' ')}`);
  },
};
