import { access, constants, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheFolder } from '../../scripts/tools/tool.ts';
import { runGo } from '../cluster/run-go.ts';

export const helm3Version = '3.22.0';
const folder = join(cacheFolder(process.env), `helm-${helm3Version}`);
/** Where it is once it has been built. */
export const helm3: string = join(folder, 'helm');
/** Two minutes on two idle cores, the download of its modules included. */
export const buildMs: number = 20 * 60_000;

/** Builds Helm 3 from its Go module, once: no package registry has it. */
export async function buildHelm3(): Promise<void> {
  if (await isHelm3Built()) return;
  const cache = cacheFolder(process.env);
  await mkdir(cache, { recursive: true });
  const workFolder = await mkdtemp(join(cache, '.building-'));
  try {
    const result = join(workFolder, 'result');
    await runGo({
      args: ['install', '-trimpath', '-ldflags=-s -w', `helm.sh/helm/v3/cmd/helm@v${helm3Version}`],
      folder: workFolder,
      environment: { ...process.env, GOBIN: result },
      what: `building Helm ${helm3Version}`,
      progress: line => process.stderr.write(`${line}\n`),
    });
    // Another process may have been quicker.
    await rename(result, folder).catch(async (error: unknown) => {
      if (!(await isHelm3Built())) throw error;
    });
  } finally {
    await rm(workFolder, { recursive: true, force: true });
  }
}

export async function isHelm3Built(): Promise<boolean> {
  return access(helm3, constants.X_OK).then(
    () => true,
    () => false,
  );
}

/** Whether there is a Go to build it with. */
export async function hasGo(): Promise<boolean> {
  const args = { args: ['version'], folder: '/', environment: process.env, what: 'asking for Go' };
  return runGo({ ...args, progress: () => undefined }).then(
    () => true,
    () => false,
  );
}
