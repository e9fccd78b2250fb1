import { chmod, mkdir, mkdtemp, readdir, readlink, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';

/** File name -> content, flat, as the keys of a Secret or ConfigMap. */
export type VolumeFiles = { readonly [name: string]: string };

/**
 * Writes the files of a Secret, ConfigMap or projected volume as the kubelet does, first and on every change:
 * a new timestamped folder, `..data` swapped to it in one rename, then the visible links, last the old folder removed.
 * https://github.com/kubernetes/kubernetes/blob/v1.36.3/pkg/volume/util/atomic_writer.go
 */
export async function writeMountedVolume(folder: string, files: VolumeFiles): Promise<void> {
  await mkdir(folder, { recursive: true });
  const previous = await readlink(join(folder, '..data')).catch(() => undefined);
  const current = await writeTimestampedFolder(folder, files);
  await symlink(current, join(folder, '..data_tmp'));
  await rename(join(folder, '..data_tmp'), join(folder, '..data'));
  await updateVisibleLinks(folder, Object.keys(files));
  if (previous !== undefined) await rm(join(folder, previous), { recursive: true });
}

async function writeTimestampedFolder(folder: string, files: VolumeFiles): Promise<string> {
  const timestamp = new Date().toISOString().slice(0, 19).replaceAll(/[-:T]/g, '_');
  const path = await mkdtemp(join(folder, `..${timestamp}.`));
  await chmod(path, 0o755);
  for (const [name, content] of Object.entries(files)) await writeFile(join(path, name), content);
  return basename(path);
}

async function updateVisibleLinks(folder: string, names: readonly string[]): Promise<void> {
  const visible = (await readdir(folder)).filter(name => !name.startsWith('..'));
  for (const name of names.filter(name => !visible.includes(name))) {
    await symlink(join('..data', name), join(folder, name));
  }
  for (const name of visible.filter(name => !names.includes(name))) await rm(join(folder, name));
}
