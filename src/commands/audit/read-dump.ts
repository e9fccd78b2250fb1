import { open, stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { ManifestProblem } from '../../manifests/manifest-problem.ts';
import { parseManifests, type ManifestObject } from '../../manifests/parse-manifests.ts';
import { maxYamlCharacters } from '../../manifests/yaml-documents.ts';
import { ownString, type JsonObject } from '../../util/json.ts';
import { CommandFailure } from '../common/command-failure.ts';
import { readInput } from '../common/read-input.ts';
import { JsonListProblem, JsonListReader } from './json-list.ts';

/**
 * Yields the objects of files, folders and `-` one by one, as `kubectl get -o json` or `-o yaml` prints them. Rejects with
 * CommandFailure or ManifestProblem, which say file, line, what was expected and what was found.
 */
export async function* readDump(paths: readonly string[], stdin: Readable): AsyncGenerator<ManifestObject> {
  for (const path of paths) {
    if (path === '-') yield* readStream(stdin, 'stdin');
    else if (await isFile(path)) yield* readFile(path);
    else yield* readFolder(path, stdin);
  }
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    stats => !stats.isDirectory(),
    () => false,
  );
}

/** Also says what is wrong with a path that is no folder either. */
async function* readFolder(path: string, stdin: Readable): AsyncGenerator<ManifestObject> {
  for (const { text, source } of await readInput([path], { stdin, recursive: false })) {
    yield* parseManifests(text, source);
  }
}

async function* readFile(path: string): AsyncGenerator<ManifestObject> {
  const handle = await open(path, 'r').catch((error: unknown) => {
    throw new CommandFailure(`${path}: cannot be read`, { cause: error });
  });
  await using _ = handle;
  yield* readStream(handle.createReadStream({ autoClose: false }), path);
}

async function* readStream(stream: Readable, source: string): AsyncGenerator<ManifestObject> {
  const chunks = bytesOf(stream);
  const { value: first } = await chunks.next();
  const start = withoutByteOrderMark(first ?? Buffer.alloc(0));
  if (/^\s*\{/.test(start.subarray(0, 1024).toString('latin1'))) yield* readJson(start, chunks, source);
  else yield* parseManifests(await readYaml(start, chunks, source), source);
}

async function* bytesOf(stream: Readable): AsyncGenerator<Buffer, undefined> {
  for await (const chunk of stream) yield Buffer.from(chunk);
  return undefined;
}

function withoutByteOrderMark(bytes: Buffer): Buffer {
  return bytes.subarray(0, 3).toString('hex') === 'efbbbf' ? bytes.subarray(3) : bytes;
}

async function* readJson(
  start: Buffer,
  chunks: AsyncGenerator<Buffer, undefined>,
  source: string,
): AsyncGenerator<ManifestObject> {
  const reader = new JsonListReader();
  try {
    for (const { object, line } of reader.push(start)) yield { ...place(source, line), object: typed(object, reader) };
    for await (const chunk of chunks) {
      for (const { object, line } of reader.push(chunk))
        yield { ...place(source, line), object: typed(object, reader) };
    }
    const { object, isList } = reader.end();
    if (!isList) yield* parseManifests(JSON.stringify(object), source);
    else if (!(ownString(object, 'kind') ?? '').endsWith('List')) throw new JsonListProblem(1, 'expected a kind List');
  } catch (error) {
    if (!(error instanceof JsonListProblem)) throw error;
    throw new ManifestProblem({ source, line: error.line }, error.message, { cause: error });
  }
}

function place(source: string, line: number): Omit<ManifestObject, 'object'> {
  return { source, line, document: 1, path: [] };
}

/** The API server leaves the kind out in the items of `PodList` and the like, and writes that before them. */
function typed(object: JsonObject, reader: JsonListReader): JsonObject {
  if (ownString(object, 'kind') !== undefined) return object;
  const kind = /"kind":\s*"(?<kind>[A-Za-z]+)List"/.exec(reader.beginning)?.groups?.['kind'];
  return kind === undefined ? object : { apiVersion: 'v1', ...object, kind };
}

/** JSON is read object by object and may be as large as it likes; a document of YAML is a tree in memory. */
async function readYaml(start: Buffer, chunks: AsyncGenerator<Buffer, undefined>, source: string): Promise<string> {
  const pieces = [start];
  let bytes = start.length;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > maxYamlCharacters) {
      throw new CommandFailure(
        `${source}: expected at most ${maxYamlCharacters} bytes of YAML, found more: use kubectl get -o json`,
      );
    }
    pieces.push(chunk);
  }
  return Buffer.concat(pieces).toString('utf8');
}
