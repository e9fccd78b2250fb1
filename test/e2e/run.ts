// `make e2e`: the image, the chart and real AWS clients on a real cluster.
//
//   CLUSTER=current   the cluster of the kubeconfig at hand, whose nodes have the images already
//   KEEP=1            keeps the cluster, and says how to reach it
//   TESTS='...'       arguments for vitest
//
// Where a Docker engine answers, it is used, with the usual node image when a registry answers. Where none does, root on
// Debian or Ubuntu gets a private one for the time of the run (machine/engine.sh).
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { cacheFolder, findTool } from '../../scripts/tools/tool.ts';
import { createTempFolder } from '../support/temp-folder.ts';
import { run } from './machine/command.ts';
import { buildLocalBases, buildNodeImage, buildProgramImages, buildWebhookImage } from './machine/images.ts';
import { programImages, publicBases, webhookImage } from './machine/image-names.ts';
import { createKindCluster } from './machine/kind.ts';
import { buildKind, prepareParts, type Parts } from './machine/parts.ts';
import { say } from './machine/progress.ts';

const usualNodeImage = 'docker.io/kindest/node:v1.36.1';
const machine = join(import.meta.dirname, 'machine');
const stages = ['all', 'build', 'test'] as const;

async function main(stage: (typeof stages)[number]): Promise<void> {
  usePath(dirname(findTool('kubectl')), dirname(findTool('helm')));
  if (stage !== 'all') return inPrivateEngine(stage, await prepareParts());
  if (process.env['CLUSTER'] === 'current') return runSuite({});
  if ((await run('docker', ['version'])).code === 0) return withDocker();
  return withPrivateEngine();
}

function usePath(...folders: readonly string[]): void {
  process.env['PATH'] = [...folders, process.env['PATH']].join(delimiter);
}

/** With the engine that answers, and what it can pull. */
async function withDocker(): Promise<void> {
  if ((await run('docker', ['pull', '--quiet', usualNodeImage])).code === 0) {
    say('Using the Docker engine that answers, and images of the registry.');
    await buildWebhookImage(publicBases);
    await buildProgramImages(publicBases);
    return testOnKind(await buildKind(), usualNodeImage);
  }
  say('Using the Docker engine that answers, and images made on this machine, since no registry answers.');
  const parts = await prepareParts();
  await buildAllImages(parts);
  return testOnKind(parts.kind, await buildNodeImage(parts.folder), { bringsNetwork: true });
}

/** In namespaces of its own, so that nothing is left: first in the machine's network to build, then in one of its own. */
async function withPrivateEngine(): Promise<void> {
  say('No Docker engine answers: using a private one.');
  const cache = cacheFolder(process.env);
  const lack = await whatIsLacking([cache]);
  if (lack !== undefined) return cannotRun(lack);
  const { engine, state } = await prepareParts();
  const lackOfNetwork = await whatIsLacking([cache, engine]);
  if (lackOfNetwork !== undefined) return cannotRun(lackOfNetwork);
  const script = join(machine, 'engine.sh');
  for (const [network, stage] of [
    ['host', 'build'],
    ['own', 'test'],
  ] as const) {
    const { code } = await run(script, [network, engine, state, process.execPath, import.meta.filename, stage], {
      isShown: true,
      isInputLeftOpen: true, // the engine ends when this process does
    });
    if (code !== 0) return fail();
  }
}

/** What keeps a private engine from running here, in one line. */
async function whatIsLacking(folders: readonly string[]): Promise<string | undefined> {
  const { code, stdout, stderr } = await run(join(machine, 'probe.sh'), folders);
  return code === 0 ? undefined : `${stdout}${stderr}`.trim();
}

/** Whoever asked for it gets an error; continuous integration on a machine that cannot, a line that says so. */
function cannotRun(lack: string): void {
  if (process.env['E2E_MAY_SKIP'] === '1')
    return say(`make e2e SKIPPED: no Docker engine answers, and this machine lacks ${lack}`);
  throw new Error(
    `expected a Docker engine that answers (docker version), or CLUSTER=current, or a machine that can run a private engine; this one lacks ${lack}`,
  );
}

async function inPrivateEngine(stage: 'build' | 'test', parts: Parts): Promise<void> {
  usePath(join(parts.folder, 'bin'));
  if (stage === 'build') return buildAllImages(parts);
  return testOnKind(parts.kind, await buildNodeImage(parts.folder), { bringsNetwork: true });
}

async function buildAllImages({ folder }: Parts): Promise<void> {
  const bases = await buildLocalBases(folder);
  await buildNodeImage(folder);
  await buildWebhookImage(bases);
  await buildProgramImages(bases);
  await run('docker', ['image', 'prune', '--force']); // what earlier runs built
}

async function testOnKind(kind: string, nodeImage: string, { bringsNetwork = false } = {}): Promise<void> {
  await using folder = await createTempFolder();
  await using cluster = await createKindCluster({ kind, nodeImage, bringsNetwork, folder: folder.path });
  await cluster.load([webhookImage, ...Object.values(programImages)]);
  await runSuite({ KUBECONFIG: cluster.kubeconfig });
  if (process.env['KEEP'] === '1') await keep(cluster.kubeconfig);
}

/** The cluster lives as long as this process, so nobody can forget it. */
async function keep(kubeconfig: string): Promise<void> {
  const outer = process.env['E2E_OUTER_PID'];
  const enter = outer === undefined ? '' : `nsenter --all --target "$(pgrep --parent "$(pgrep --parent ${outer})")" `;
  say(`The cluster is kept until Ctrl-C. From another terminal:`);
  say(`  ${enter}${findTool('kubectl')} --kubeconfig ${kubeconfig} get pods --all-namespaces`);
  const end = new AbortController();
  process.once('SIGINT', () => end.abort()).once('SIGTERM', () => end.abort());
  while (!end.signal.aborted) await delay(3_600_000, undefined, { signal: end.signal }).catch(() => undefined);
}

/** Its failure is the exit code: what failed has been printed by then. */
async function runSuite(environment: NodeJS.ProcessEnv): Promise<void> {
  const vitest = join(import.meta.dirname, '..', '..', 'node_modules', 'vitest', 'vitest.mjs');
  const tests = (process.env['TESTS'] ?? '').split(' ').filter(argument => argument !== '');
  const args = [vitest, 'run', '--project', 'e2e', ...tests];
  const { code } = await run(process.execPath, args, { environment: { ...environment, E2E: '1' }, isShown: true });
  if (code !== 0) fail();
}

function fail(): void {
  process.exitCode = 1;
}

const stage = stages.find(name => name === (process.argv[2] ?? 'all'));
if (stage === undefined) throw new Error(`expected one of ${stages.join(', ')}, found ${process.argv[2]}`);
await main(stage);
