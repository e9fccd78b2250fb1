import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { mustRun, run } from '../machine/command.ts';
import { say } from '../machine/progress.ts';
import { chart } from './release.ts';

const path = 'charts/irsa-webhook';
const repository = chart.slice(0, -path.length);
/** Until a release is tagged: a commit whose chart was in use, one that did not wait for kube-proxy yet. */
const beforeReleases = '2c84e08944df13bf1e920e2095af5ccd7478e229';

/** The folder of a chart that a cluster may have now: the last release's. `folder` is to hold it. */
export async function previousChart(folder: string): Promise<string> {
  const git = ['-C', repository];
  const lastTag = await run('git', [...git, 'describe', '--tags', '--abbrev=0', 'HEAD^']);
  const commit = lastTag.code === 0 ? lastTag.stdout.trim() : beforeReleases;
  const archive = join(folder, 'chart.tar');
  const archived = await run('git', [...git, 'archive', `--output=${archive}`, commit, path]);
  if (archived.code !== 0) return copyOfToday(folder);
  await mustRun('tar', ['-C', folder, '-xf', archive]);
  say(`Upgrading from the chart of ${commit}.`);
  return join(folder, path);
}

/** A clone without history has no other chart than today's; another version and other values still make it an upgrade. */
async function copyOfToday(folder: string): Promise<string> {
  const copy = join(folder, 'copy');
  await cp(chart, copy, { recursive: true });
  await change(join(copy, 'Chart.yaml'), { version: '0.0.1', appVersion: '0.0.1' });
  await change(join(copy, 'values.yaml'), { minReadySeconds: 0, priorityClassName: '' });
  say('Upgrading from a copy of the chart with another version and other values: this clone has no older one.');
  return copy;
}

async function change(file: string, values: object): Promise<void> {
  const before: object = parse(await readFile(file, 'utf8'));
  await writeFile(file, stringify({ ...before, ...values }));
}
