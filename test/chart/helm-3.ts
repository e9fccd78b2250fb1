import { access, constants, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheFolder } from '../../scripts/tools/tool.ts';
import { runGo } from '../support/cluster/run-go.ts';

export const helm3Version = '3.22.0';

/** Helm 3, or why there is none. */
export type Helm3 =
  | { readonly kind: 'available'; /** The program. */ readonly path: string }
  | { readonly kind: 'unavailable'; readonly detail: string };

declare module 'vitest' {
  interface ProvidedContext {
    readonly helm3: Helm3;
  }
}

/**
 * Finds Helm 3, or builds it from its Go module, since no package registry has it: two minutes on two idle cores, once, the
 * download of its modules included. Throws when the build fails.
 */
export async function prepareHelm3(environment: NodeJS.ProcessEnv = process.env): Promise<Helm3> {
  const cache = cacheFolder(environment);
  const folder = join(cache, `helm-${helm3Version}`);
  const path = join(folder, 'helm');
  if (await isExecutable(path)) return { kind: 'available', path };
  if (!(await hasGo(environment))) {
    return {
      kind: 'unavailable',
      detail: `Go is needed to build Helm ${helm3Version}: install it from https://go.dev/dl`,
    };
  }
  process.stderr.write(`Building Helm ${helm3Version}: once, about 2 minutes on two cores; kept in ${folder}\n`);
  await mkdir(cache, { recursive: true });
  const workFolder = await mkdtemp(join(cache, '.building-'));
  try {
    await buildHelm3(workFolder, environment);
    // Another process may have been quicker.
    await rename(join(workFolder, 'result'), folder).catch(async (error: unknown) => {
      if (!(await isExecutable(path))) throw error;
    });
  } finally {
    await rm(workFolder, { recursive: true, force: true });
  }
  return { kind: 'available', path };
}

async function buildHelm3(folder: string, environment: NodeJS.ProcessEnv): Promise<void> {
  await runGo({
    args: ['install', '-trimpath', '-ldflags=-s -w', `helm.sh/helm/v3/cmd/helm@v${helm3Version}`],
    folder,
    environment: { ...environment, GOBIN: join(folder, 'result') },
    what: `building Helm ${helm3Version}`,
    progress: line => process.stderr.write(`${line}\n`),
  });
}

function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

/** Whether there is a Go to build it with. */
async function hasGo(environment: NodeJS.ProcessEnv): Promise<boolean> {
  const args = { args: ['version'], folder: '/', environment, what: 'asking for Go' };
  return runGo({ ...args, progress: () => undefined }).then(
    () => true,
    () => false,
  );
}
