import { mkdirSync, renameSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AssociationsFile, type AssociationsFileOptions } from '../../src/sources/associations-file.ts';
import { now } from '../support/fake-api-server-connection.ts';
import { writeMountedVolume } from '../support/mounted-volume.ts';
import { createTempFolder, type TempFolder } from '../support/temp-folder.ts';
import { waitFor } from '../support/wait-for.ts';

const identities = (...names: readonly string[]): string =>
  JSON.stringify({ identities: names.map(name => ({ namespace: 'shop', serviceAccount: name })) });

/** Long enough that only events can bring the change within the test. */
const neverMs = 3_600_000;

let folder: TempFolder;
let path: string;
let lines: string[];
let ending: AbortController;
let running: Promise<void>;

beforeEach(async () => {
  folder = await createTempFolder();
  path = join(folder.path, 'config.json');
  lines = [];
  ending = new AbortController();
  running = Promise.resolve();
});

afterEach(async () => {
  ending.abort();
  await running;
  await folder[Symbol.asyncDispose]();
});

function start(options: Partial<AssociationsFileOptions> = {}): AssociationsFile {
  const note = (level: string) => (message: string) => void lines.push(`${level} ${message}`);
  const log = { debug: note('debug'), info: note('info'), warn: note('warn'), error: note('error') };
  const file = new AssociationsFile({ path, pollMs: neverMs, settleMs: 100, log, now, ...options });
  running = file.run(ending.signal);
  return file;
}

const has = (file: AssociationsFile, name: string): boolean => file.current().has('shop', name);

async function becomes(file: AssociationsFile, present: string, absent: string): Promise<void> {
  await waitFor(() => has(file, present) && !has(file, absent), { what: `${present} without ${absent}` });
}

/** The same four ways to change a file, noticed by events alone and by polling alone. */
describe.each([
  { how: 'by events', options: { pollMs: neverMs } },
  { how: 'by polling', options: { pollMs: 50 } },
])('AssociationsFile follows, $how,', ({ options }) => {
  test('a symlink swap as the kubelet does it (E64)', async () => {
    await writeMountedVolume(folder.path, { 'config.json': identities('a') });
    const file = start(options);
    await becomes(file, 'a', 'b');
    await writeMountedVolume(folder.path, { 'config.json': identities('b') });
    await becomes(file, 'b', 'a');
    await writeMountedVolume(folder.path, { 'config.json': identities('c') });
    await becomes(file, 'c', 'b');
  });

  test('a rename over it (E64)', async () => {
    await writeFile(path, identities('a'));
    const file = start(options);
    await becomes(file, 'a', 'b');
    await writeFile(`${path}.new`, identities('b'));
    await rename(`${path}.new`, path);
    await becomes(file, 'b', 'a');
  });

  test('a rewrite in place (E64)', async () => {
    await writeFile(path, identities('a'));
    const file = start(options);
    await becomes(file, 'a', 'b');
    await writeFile(path, identities('b'));
    await becomes(file, 'b', 'a');
  });

  test('a file that appears, and one that is removed (E64)', async () => {
    const file = start(options);
    await waitFor(() => file.synced(), { what: 'the look at nothing' });
    expect(file.current().size).toBe(0);
    await writeFile(path, identities('a'));
    await becomes(file, 'a', 'b');
    await rm(path);
    await waitFor(() => file.current().size === 0, { what: 'nobody to be associated' });
  });
});

test('AssociationsFile finds a file whose folder appears later (E64)', async () => {
  path = join(folder.path, 'later', 'config.json');
  const file = start({ pollMs: 50 });
  await waitFor(() => file.synced(), { what: 'the look at nothing' });
  await mkdir(join(folder.path, 'later'));
  await writeFile(path, identities('a'));
  await becomes(file, 'a', 'b');
});

test('AssociationsFile follows a folder that is replaced (E64)', async () => {
  path = join(folder.path, 'mounted', 'config.json');
  mkdirSync(join(folder.path, 'mounted'));
  const file = start();
  await waitFor(() => file.synced(), { what: 'the look at nothing' });
  renameSync(join(folder.path, 'mounted'), join(folder.path, 'old'));
  mkdirSync(join(folder.path, 'mounted'));
  // Twice as long as the rest between two looks.
  await new Promise(resolve => setTimeout(resolve, 100));
  await writeFile(path, identities('a'));
  await becomes(file, 'a', 'b');
});

test('AssociationsFile keeps the last good content while it is malformed, and warns once (E64)', async () => {
  await writeFile(path, identities('a'));
  const file = start({ pollMs: 20 });
  await becomes(file, 'a', 'b');
  await writeFile(path, identities('b').slice(0, 20));
  await waitFor(() => file.health().kind === 'degraded', { what: 'the malformed content to be seen' });
  await new Promise(resolve => setTimeout(resolve, 200));
  expect(has(file, 'a')).toBe(true);
  expect(lines.filter(line => line.startsWith('warn'))).toEqual(['warn Associations cannot be read.']);
  await writeFile(path, identities('b'));
  await becomes(file, 'b', 'a');
  expect(file.health()).toEqual({ kind: 'healthy' });
});

test('AssociationsFile keeps the last good content while the file is rewritten slowly (E64)', async () => {
  await writeFile(path, identities('a'));
  const file = start({ settleMs: 5_000 });
  await becomes(file, 'a', 'b');
  await writeFile(path, '');
  await new Promise(resolve => setTimeout(resolve, 200));
  expect(has(file, 'a')).toBe(true);
  await writeFile(path, identities('b'));
  await becomes(file, 'b', 'a');
});

test('AssociationsFile takes an empty file for no associations after a while (E64)', async () => {
  await writeFile(path, identities('a'));
  const file = start({ settleMs: 50 });
  await becomes(file, 'a', 'b');
  await writeFile(path, '\n');
  await waitFor(() => file.current().size === 0, { what: 'nobody to be associated' });
  await writeFile(path, identities('b'));
  await becomes(file, 'b', 'a');
});

test('AssociationsFile starts with none when the content is malformed for longer than a write takes', async () => {
  await writeFile(path, 'garbage');
  const file = start({ settleMs: 100 });
  await waitFor(() => file.health().kind === 'degraded', { what: 'the start without associations' });
  expect(file.synced()).toBe(true);
  expect(file.current().size).toBe(0);
});

test('AssociationsFile loses only the entries that cannot be read', async () => {
  await writeFile(path, '{"identities":[{"namespace":"shop","serviceAccount":"a"},{"namespace":7},null]}');
  const file = start();
  await becomes(file, 'a', 'b');
  expect(lines).toEqual(['warn Association left out.', 'warn Association left out.', 'info Associations replaced.']);
});

test('AssociationsFile refuses a file that is too large, and keeps what it has', async () => {
  await writeFile(path, identities('a'));
  const file = start({ pollMs: 50 });
  await becomes(file, 'a', 'b');
  // Renamed, because while so much is written in place the file is empty, which counts after a time.
  await writeFile(`${path}.new`, ' '.repeat(8 * 1024 * 1024 + 1));
  await rename(`${path}.new`, path);
  await waitFor(() => file.health().kind === 'degraded', { what: 'the refusal' });
  expect(file.health()).toMatchObject({ detail: 'associations: expected at most 8388608 bytes, found 8388609' });
  expect(has(file, 'a')).toBe(true);
});

test('AssociationsFile is not ready when the path cannot be read, and says why', async () => {
  await mkdir(path);
  const file = start({ pollMs: 50 });
  await waitFor(() => JSON.stringify(file.health()).includes('EISDIR'), { what: 'the reason' });
  expect(file.synced()).toBe(false);
});
