import { readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { writeMountedVolume } from './mounted-volume.ts';
import { createTempFolder } from './temp-folder.ts';

test('writeMountedVolume() lays the files out behind ..data as the kubelet does', async () => {
  await using temp = await createTempFolder();
  await writeMountedVolume(temp.path, { 'tls.crt': 'certificate', 'tls.key': 'key' });
  const timestamped = await readlink(join(temp.path, '..data'));
  expect(timestamped).toMatch(/^\.\.\d{4}(_\d\d){5}\.\w+$/);
  expect((await readdir(temp.path)).sort()).toEqual([timestamped, '..data', 'tls.crt', 'tls.key'].sort());
  expect(await readlink(join(temp.path, 'tls.crt'))).toBe('..data/tls.crt');
  expect(await readFile(join(temp.path, 'tls.crt'), 'utf8')).toBe('certificate');
});

test('writeMountedVolume() replaces all files at once, adds and removes, and leaves the links alone', async () => {
  await using temp = await createTempFolder();
  await writeMountedVolume(temp.path, { kept: 'old', removed: 'x' });
  const before = await readlink(join(temp.path, '..data'));
  await writeMountedVolume(temp.path, { kept: 'new', added: 'y' });
  const after = await readlink(join(temp.path, '..data'));
  expect(after).not.toBe(before);
  expect((await readdir(temp.path)).sort()).toEqual([after, '..data', 'added', 'kept'].sort());
  expect(await readFile(join(temp.path, 'kept'), 'utf8')).toBe('new');
});
