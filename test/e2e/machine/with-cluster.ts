// A cluster on kind for a program, with the images that are made from this checkout:
//
//   CLUSTER=current   the cluster of the kubeconfig at hand, whose nodes have the images already
//   KEEP=1            keeps the cluster, and says how to reach it
//   E2E_MAY_SKIP=1    where the machine cannot run one, a line says so, and that is no failure
//
// Where a Docker engine answers, it is used, with the usual node image when a registry answers. Where none does, root on
// Debian or Ubuntu gets a private one for the time of the run (engine.sh).
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { cacheFolder, findTool } from '../../../scripts/tools/tool.ts';
import { createTempFolder } from '../../support/temp-folder.ts';
import { mustRun, run } from './command.ts';
import { buildLocalBases, buildNodeImage, buildProgramImages, buildWebhookImage } from './images.ts';
import { programImages, publicBases, webhookImage } from './image-names.ts';
import { createKindCluster } from './kind.ts';
import { buildKind, prepareParts, type Parts } from './parts.ts';
import { say } from './progress.ts';

const installer = join(import.meta.dirname, '..', '..', '..', 'scripts', 'install-debian-packages.sh');
const usualNodeImage = 'docker.io/kindest/node:v1.36.1';
/** In this order, each in a private engine of its own; without one there is no stage. */
const stages = ['build', 'use'] as const;
type Stage = (typeof stages)[number];

export interface ClusterProgram {
  /** The file that runs this, whose last argument is the stage: it is run again inside the private engine. */
  readonly file: string;
  /** What to do with the cluster, whose kubeconfig is in KUBECONFIG, and which helm and kubectl on the PATH. False is a failure. */
  use(): Promise<boolean>;
}

/** Runs the program with a cluster; its failure is the exit code. */
export async function withCluster(program: ClusterProgram): Promise<void> {
  usePath(dirname(findTool('kubectl')), dirname(findTool('helm')));
  const stage = stages.find(name => name === process.argv[2]);
  if (stage !== undefined) return insidePrivateEngine(program, stage, await prepareParts());
  if (process.env['CLUSTER'] === 'current') return endWith(await program.use());
  if ((await run('docker', ['version'])).code === 0) return withDocker(program);
  return withPrivateEngine(program);
}

function usePath(...folders: readonly string[]): void {
  process.env['PATH'] = [...folders, process.env['PATH']].join(delimiter);
}

/** What failed has been printed by then. */
function endWith(isSuccess: boolean): void {
  if (!isSuccess) process.exitCode = 1;
}

/** With the engine that answers, and what it can pull. */
async function withDocker(program: ClusterProgram): Promise<void> {
  if ((await run('docker', ['pull', '--quiet', usualNodeImage])).code === 0) {
    say('Using the Docker engine that answers, and images of the registry.');
    await buildWebhookImage(publicBases);
    await buildProgramImages(publicBases);
    return onKind(program, await buildKind(), usualNodeImage);
  }
  say('Using the Docker engine that answers, and images made on this machine, since no registry answers.');
  const parts = await prepareParts();
  await buildAllImages(parts);
  return onKind(program, parts.kind, await buildNodeImage(parts.folder), { bringsNetwork: true });
}

/** In namespaces of its own, so that nothing is left: first in the machine's network to build, then in one of its own. */
async function withPrivateEngine({ file }: ClusterProgram): Promise<void> {
  say('No Docker engine answers: using a private one.');
  const cache = cacheFolder(process.env);
  const lack = await whatIsLacking([cache]);
  if (lack !== undefined) return cannotRun(lack);
  await mustRun(installer, ['iproute2'], { isShown: true });
  const { folder, engine, state } = await prepareParts();
  usePath(join(folder, 'bin')); // engine.sh asks by the client that is there, since the machine need not have one
  const lackOfNetwork = await whatIsLacking([cache, engine]);
  if (lackOfNetwork !== undefined) return cannotRun(lackOfNetwork);
  const script = join(import.meta.dirname, 'engine.sh');
  for (const stage of stages) {
    const network = stage === 'build' ? 'host' : 'own';
    const { code } = await run(script, [network, engine, state, process.execPath, file, stage], {
      isShown: true,
      isInputLeftOpen: true, // the engine ends when this process does
    });
    if (code !== 0) return endWith(false);
  }
}

/** What keeps a private engine from running here, in one line. */
async function whatIsLacking(folders: readonly string[]): Promise<string | undefined> {
  const { code, stdout, stderr } = await run(join(import.meta.dirname, 'probe.sh'), folders);
  return code === 0 ? undefined : `${stdout}${stderr}`.trim();
}

/** Whoever asked for it gets an error; continuous integration on a machine that cannot, a line that says so. */
function cannotRun(lack: string): void {
  if (process.env['E2E_MAY_SKIP'] === '1') {
    return say(`SKIPPED end-to-end tests: no Docker engine answers, and for a private one this machine lacks ${lack}`);
  }
  throw new Error(
    'expected a Docker engine that answers (docker version), CLUSTER=current, or a machine that can run a private engine; ' +
      `no engine answers, and this machine lacks ${lack}`,
  );
}

async function insidePrivateEngine(program: ClusterProgram, stage: Stage, parts: Parts): Promise<void> {
  usePath(join(parts.folder, 'bin'));
  if (stage === 'build') return buildAllImages(parts);
  return onKind(program, parts.kind, await buildNodeImage(parts.folder), { bringsNetwork: true });
}

async function buildAllImages({ folder }: Parts): Promise<void> {
  const bases = await buildLocalBases(folder);
  await buildNodeImage(folder);
  await buildWebhookImage(bases);
  await buildProgramImages(bases);
  await run('docker', ['image', 'prune', '--force']); // what earlier runs built
}

async function onKind(
  program: ClusterProgram,
  kind: string,
  nodeImage: string,
  { bringsNetwork = false } = {},
): Promise<void> {
  await using folder = await createTempFolder();
  await using cluster = await createKindCluster({ kind, nodeImage, bringsNetwork, folder: folder.path });
  await cluster.load([webhookImage, ...Object.values(programImages)]);
  process.env['KUBECONFIG'] = cluster.kubeconfig;
  endWith(await program.use());
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
