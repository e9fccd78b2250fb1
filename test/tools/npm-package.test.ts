import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { fetchNpmPackage } from '../../scripts/tools/npm-package.ts';
import { listenOnLoopback } from '../support/listen-on-loopback.ts';
import { createTempFolder, type TempFolder } from '../support/temp-folder.ts';

const run = promisify(execFile);
const repositoryList = join(import.meta.dirname, '..', '..', 'scripts', 'npm-packages.txt');

async function packArchive({ path }: TempFolder, content: string): Promise<Buffer> {
  await mkdir(join(path, 'package'));
  await writeFile(join(path, 'package', 'package.json'), content);
  await run('tar', ['-czf', 'archive.tgz', 'package'], { cwd: path });
  return readFile(join(path, 'archive.tgz'));
}

function sha512(archive: Buffer | string): string {
  return createHash('sha512').update(archive).digest('base64');
}

/** A registry whose own hash of the package is right, as that of a registry with a replaced package is. */
function createRegistry(archive: Buffer): Server {
  return createServer(({ url, headers }, response) => {
    if (url === '/tool.tgz') return response.end(archive);
    if (url !== '/tool') return response.writeHead(404).end();
    const dist = { tarball: `http://${headers.host}/tool.tgz`, integrity: `sha512-${sha512(archive)}` };
    const versions = { '1.0.0': { name: 'tool', version: '1.0.0', dist } };
    return response.end(JSON.stringify({ name: 'tool', 'dist-tags': { latest: '1.0.0' }, versions }));
  });
}

describe('fetchNpmPackage()', () => {
  const manifest = JSON.stringify({ name: 'tool', version: '1.0.0' });

  async function fetchListed(entryFor: (archive: Buffer) => string): Promise<{ error: string; left: string[] }> {
    await using folder = await createTempFolder();
    await using made = await createTempFolder();
    const archive = await packArchive(made, manifest);
    const { port, close } = await listenOnLoopback(createRegistry(archive));
    const list = await made.write('list', `another other 1.0.0 ${sha512(archive)}\n${entryFor(archive)}\n`);
    const environment = {
      PATH: process.env['PATH'],
      npm_config_registry: `http://127.0.0.1:${port}`,
      npm_config_cache: join(made.path, 'cache'),
    };
    try {
      const fetched = fetchNpmPackage('tool', join(folder.path, 'a', 'tool'), { list, environment });
      const error = await fetched.then(
        () => '',
        (error: unknown) => String(error),
      );
      return { error, left: await readdir(folder.path, { recursive: true }) };
    } finally {
      await close();
    }
  }

  test('unpacks the package when its archive has the hash of the list', async () => {
    const { error, left } = await fetchListed(archive => `tool tool 1.0.0 ${sha512(archive)}`);
    expect({ error, left }).toEqual({ error: '', left: ['a', 'a/tool', 'a/tool/package.json'] });
  });

  test.each([
    { name: 'the hash is another', entry: `tool tool 1.0.0 ${sha512('another')}`, error: /instead of .*refused/ },
    { name: 'the list has no hash', entry: 'tool tool 1.0.0', error: /instead of : it was refused/ },
    { name: 'the registry has no such version', entry: `tool tool 2.0.0 ${sha512('')}`, error: /cannot fetch tool@2/ },
    { name: 'the registry has no such package', entry: `tool loot 1.0.0 ${sha512('')}`, error: /cannot fetch loot@1/ },
    { name: 'the list has another name', entry: `tools tool 1.0.0 ${sha512('')}`, error: /does not list tool/ },
  ])('refuses it and leaves nothing when $name', async ({ entry, error }) => {
    const result = await fetchListed(() => entry);
    expect(result.error).toMatch(error);
    expect(result.left.filter(name => name !== 'a')).toEqual([]);
  });

  test('keeps a folder that exists', async () => {
    await using folder = await createTempFolder();
    await fetchNpmPackage('tool', folder.path, { list: '/nonexistent' });
  });
});

test('the list names each package once, with its SHA-512', async () => {
  const lines = (await readFile(repositoryList, 'utf8')).trim().split('\n');
  const entries = lines.filter(line => !line.startsWith('#')).map(line => line.split(' '));
  expect(new Set(entries.map(([name]) => name)).size).toBe(entries.length);
  for (const entry of entries) {
    expect(entry).toEqual([expect.any(String), expect.any(String), expect.stringMatching(/^\d+\.\d+\.\d+$/), entry[3]]);
    expect(Buffer.from(entry[3] ?? '', 'base64')).toHaveLength(64);
  }
});
