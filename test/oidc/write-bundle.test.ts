import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { writeBundle } from '../../src/oidc/documents.ts';
import { createTempFolder } from '../support/temp-folder.ts';

const documents = { discovery: '{"issuer":"x"}', keySet: '{"keys":[]}' };

describe('writeBundle()', () => {
  test('writes both files into a folder that it makes, and leaves equal ones alone', async () => {
    await using temp = await createTempFolder();
    const folder = join(temp.path, 'new', 'out');
    const paths = [join(folder, '.well-known/openid-configuration'), join(folder, 'openid/v1/jwks')];
    const write = () => writeBundle({ ...documents, folder, force: false });
    expect(await write()).toEqual(paths.map(path => ({ path, result: 'written' })));
    expect(await Promise.all(paths.map(path => readFile(path, 'utf8')))).toEqual(Object.values(documents));
    expect(await write()).toEqual(paths.map(path => ({ path, result: 'unchanged' })));
    expect(await readdir(join(folder, 'openid/v1'))).toEqual(['jwks']);
  });

  test('writes nothing when one of the files differs, until it is forced', async () => {
    await using temp = await createTempFolder();
    const folder = temp.path;
    await mkdir(join(folder, 'openid/v1'), { recursive: true });
    await writeFile(join(folder, 'openid/v1/jwks'), '{"keys":[1]}');
    await expect(writeBundle({ ...documents, folder, force: false })).rejects.toMatchObject({
      code: 'file_differs',
      text: expect.stringContaining(join(folder, 'openid/v1/jwks')),
    });
    expect(await readdir(folder)).toEqual(['openid']);
    await writeBundle({ ...documents, folder, force: true });
    expect(await readFile(join(folder, 'openid/v1/jwks'), 'utf8')).toBe(documents.keySet);
  });
});
