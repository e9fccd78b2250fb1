import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { deflateRawSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { findTool } from '../../scripts/tools/tool.ts';
import { readZipEntry } from '../../scripts/tools/zip-entry.ts';
import { createTempFolder } from '../support/temp-folder.ts';

describe('findTool()', () => {
  test('gives a Helm that runs, unpacked once', async () => {
    const path = findTool('helm');
    expect((await promisify(execFile)(path, ['version', '--short'])).stdout).toMatch(/^v4\./);
    expect(findTool('helm')).toBe(path);
  });

  test('leaves nothing unfinished beside it', async () => {
    await using folder = await createTempFolder();
    const path = findTool('kubectl', { XDG_CACHE_HOME: folder.path });
    expect(path.startsWith(folder.path)).toBe(true);
    expect(await readdir(join(path, '..'))).toEqual(['kubectl']);
    expect((await promisify(execFile)(path, ['version', '--client'])).stdout).toMatch(/v1\.36/);
  });

  test('gives the one that the environment names', () => {
    expect(findTool('helm', { HELM: '/opt/helm' })).toBe('/opt/helm');
  });
});

/** As little of a ZIP archive as a reader may rely on. */
function zip(files: Readonly<Record<string, { readonly content: string; readonly method: 0 | 8 }>>): Buffer {
  const [locals, centrals]: [Buffer[], Buffer[]] = [[], []];
  let offset = 0;
  for (const [name, { content, method }] of Object.entries(files)) {
    const data = method === 8 ? deflateRawSync(content) : Buffer.from(content);
    const local = Buffer.alloc(30);
    local.writeUInt16LE(name.length, 26);
    const central = Buffer.alloc(46);
    central.writeUInt32LE(0x02014b50, 0);
    central.writeUInt16LE(method, 10);
    central.writeUInt32LE(data.length, 20);
    central.writeUInt16LE(name.length, 28);
    central.writeUInt32LE(offset, 42);
    locals.push(local, Buffer.from(name), data);
    centrals.push(central, Buffer.from(name));
    offset += local.length + name.length + data.length;
  }
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, ...centrals, end]);
}

describe('readZipEntry()', () => {
  const archive = zip({ 'a/stored': { content: 'as it is', method: 0 }, 'a/small': { content: 'packed', method: 8 } });

  test.each([
    { name: 'a/stored', content: 'as it is' },
    { name: 'a/small', content: 'packed' },
  ])('gives the content of $name', ({ name, content }) => {
    expect(readZipEntry(archive, name).toString()).toBe(content);
  });

  test('throws for a file that is not there, and for what is no archive', () => {
    expect(() => readZipEntry(archive, 'a')).toThrow('expected the ZIP archive to hold a, found no such file');
    expect(() => readZipEntry(Buffer.from('PK'), 'a')).toThrow('expected a ZIP archive');
  });
});
