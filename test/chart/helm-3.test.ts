import { access, constants, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { cacheFolder } from '../../scripts/tools/tool.ts';
import { runGo } from '../cluster/run-go.ts';
import { parseObjects, readValuesFiles, refusal, renderText, runHelm, type KubernetesObject } from './helm.ts';

const version = '3.22.0';
const folder = join(cacheFolder(process.env), `helm-${version}`);
const helm = join(folder, 'helm');
/** Two minutes on two idle cores, the download of its modules included. */
const buildMs = 20 * 60_000;

/** Built once from its Go module: no package registry has it. */
async function prepareHelm3(): Promise<void> {
  if (await isBuilt()) return;
  const cache = cacheFolder(process.env);
  await mkdir(cache, { recursive: true });
  const workFolder = await mkdtemp(join(cache, '.building-'));
  try {
    const result = join(workFolder, 'result');
    await runGo({
      args: ['install', '-trimpath', '-ldflags=-s -w', `helm.sh/helm/v3/cmd/helm@v${version}`],
      folder: workFolder,
      environment: { ...process.env, GOBIN: result },
      what: `building Helm ${version}`,
      progress: line => process.stderr.write(`${line}\n`),
    });
    // Another process may have been quicker.
    await rename(result, folder).catch(async (error: unknown) => {
      if (!(await isBuilt())) throw error;
    });
  } finally {
    await rm(workFolder, { recursive: true, force: true });
  }
}

/** Each Helm has its own order for kinds that it does not know. */
function inOrder(text: string): ReturnType<typeof parseObjects> {
  return parseObjects(text).toSorted((a, b) => order(a).localeCompare(order(b)));
}

function order({ kind, metadata }: KubernetesObject): string {
  return `${kind}/${metadata.name}`;
}

async function isBuilt(): Promise<boolean> {
  return access(helm, constants.X_OK).then(
    () => true,
    () => false,
  );
}

const hasGo = await runGo({
  args: ['version'],
  folder: '/',
  environment: process.env,
  what: 'asking for Go',
  progress: () => undefined,
}).then(
  () => true,
  () => false,
);
const isPossible = hasGo || (await isBuilt());

describe.skipIf(!isPossible)(`Helm ${version}${isPossible ? '' : ' (skipped: it needs Go to be built)'}`, async () => {
  beforeAll(prepareHelm3, buildMs);

  test.each(await readValuesFiles())('renders $name as Helm 4 does', async ({ values }) => {
    const [three, four] = await Promise.all([renderText({ values, helm }), renderText({ values })]);
    expect(inOrder(three)).toEqual(inOrder(four));
  });

  test('finds the same faults in values', async () => {
    expect(await refusal({ values: { replicaCuont: 1 }, helm })).toContain('replicaCuont');
    expect(await refusal({ values: { image: { tag: 1.1 } }, helm })).toContain('/image/tag');
    expect(await refusal({ values: { pki: { existingSecret: 'a' } }, helm })).toContain('needs pki.caBundle');
  });

  test('passes the chart in helm lint', async () => {
    expect(await runHelm(['lint', '--strict'], { helm })).toMatchObject({ code: 0 });
  });
});
