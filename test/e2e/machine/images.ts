import { createHash } from 'node:crypto';
import { cp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { createTempFolder } from '../../support/temp-folder.ts';
import { mustRun, run } from './command.ts';
import { programImages, webhookImage, type Bases } from './image-names.ts';
import { kubernetesVersion } from './kubernetes-version.ts';
import { step } from './progress.ts';

const repository = join(import.meta.dirname, '..', '..', '..');
const dockerfile = join(import.meta.dirname, 'Dockerfile');
const programs = join(import.meta.dirname, '..', 'programs');

const docker = (args: readonly string[]): Promise<string> =>
  mustRun('docker', args, { environment: { DOCKER_BUILDKIT: '1' } });

/** Bases that replace the registry's. `context` is the folder of the parts. */
export async function buildLocalBases(context: string): Promise<Bases> {
  const local = async (target: string): Promise<string> => {
    const image = `localhost/irsa-e2e-base-${target}:1`;
    await buildTarget(target, image, context);
    return image;
  };
  return step('Base images', async () => ({
    build: await local('node-build'),
    runtime: await local('node-runtime'),
    python: await local('python'),
    prometheus: await local('prometheus'),
  }));
}

async function buildTarget(target: string, tag: string, context: string): Promise<void> {
  await docker(['build', '--quiet', '--network=none', '--file', dockerfile, '--target', target, '--tag', tag, context]);
}

/** The name of a node image for kind that is made from the parts, unless it is there already. */
export async function buildNodeImage(context: string): Promise<string> {
  const content = createHash('sha256').update(await readFile(dockerfile));
  const image = `localhost/irsa-e2e-node:${content.digest('hex').slice(0, 12)}`;
  if ((await run('docker', ['image', 'inspect', image])).code === 0) return image;
  await step('Node image for kind (once, about 1 minute)', async () => {
    const images = await buildKubernetesImages(context);
    const archive = join(context, 'images.tar');
    await docker(['save', '--output', archive, ...images]);
    await buildTarget('node', image, context);
    await rm(archive);
    await docker(['image', 'rm', ...images]);
  });
  return image;
}

/** Under the names and versions for which kubeadm asks. */
async function buildKubernetesImages(context: string): Promise<readonly string[]> {
  const version = `v${await kubernetesVersion()}`;
  const wanted = (
    await mustRun(join(context, 'bin', 'kubeadm'), ['config', 'images', 'list', `--kubernetes-version=${version}`])
  )
    .trim()
    .split('\n');
  const pause = 'registry.k8s.io/pause:3.10'; // the one that kind's containerd configuration names
  const images = [...new Set([...wanted, pause])];
  for (const image of images) {
    const target = /([^/]+):[^:]+$/.exec(image)?.[1];
    if (target === undefined) throw new Error(`expected an image with a tag from kubeadm, found ${image}`);
    await buildTarget(target, image, context);
  }
  return images;
}

/** The image under test, exactly as `make image` builds it. */
export async function buildWebhookImage(bases: Bases): Promise<void> {
  const args = ['--build-arg', `BUILD_IMAGE=${bases.build}`, '--build-arg', `RUNTIME_IMAGE=${bases.runtime}`];
  await step('Webhook image', () => docker(['build', '--network=host', ...args, '--tag', webhookImage, repository]));
}

/** The applications and the stand-in for STS. */
export async function buildProgramImages(bases: Bases): Promise<void> {
  await using context = await createTempFolder();
  const args = Object.entries({ RUNTIME: bases.runtime, PYTHON: bases.python, PROMETHEUS: bases.prometheus }).flatMap(
    ([name, image]) => ['--build-arg', `${name}_IMAGE=${image}`],
  );
  await step('Images of the applications', async () => {
    for (const name of ['Dockerfile', 'requirements.txt', 'who-am-i.py', 'node-agent.py'])
      await cp(join(programs, name), join(context.path, name));
    await bundlePrograms(context.path);
    const go = { folder: join(programs, 'go'), environment: { CGO_ENABLED: '0', GOWORK: 'off' } };
    await mustRun('go', ['build', '-trimpath', '-o', join(context.path, 'who-am-i-go'), '.'], go);
    for (const [target, image] of Object.entries(programImages)) {
      await docker(['build', '--quiet', '--network=host', ...args, '--target', target, '--tag', image, context.path]);
    }
  });
}

/** Programs of the image `javascript`. */
const bundled = ['who-am-i', 'access-key', 'sts', 'aws-webhook'];

async function bundlePrograms(outdir: string): Promise<void> {
  await build({
    entryPoints: Object.fromEntries(bundled.map(name => [name, join(programs, `${name}-program.ts`)])),
    outdir,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    logLevel: 'warning',
  });
}
