import { parseTemplatePath, type TemplatePath } from '../../manifests/pod-templates.ts';
import { open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { errorText } from '../../util/error-text.ts';
import { CommandFailure, usageFailure } from './command-failure.ts';
import { quote } from '../../util/text.ts';

/** The text of one file or of standard input. */
export interface InputText {
  /** The file's name as it was given or found in a given folder, or `stdin`: for messages. */
  readonly source: string;
  readonly text: string;
}

export interface ReadInputOptions {
  /** What `-` stands for. */
  readonly stdin: Readable;
  /** Whether the folders within folders count too. */
  readonly recursive: boolean;
}

/** All inputs of a command together. A dump of 20,000 pods takes about 150 MB; a text may not exceed 512 MB. */
const maxInputBytes = 400 * 1024 * 1024;

/** Files of the given folders. */
const maxFiles = 10_000;

/** As in kubectl: other files of a folder are passed over. */
const manifestEndings: readonly string[] = ['.json', '.yaml', '.yml'];

/**
 * Reads what `-f` names: files, folders (their .json, .yaml and .yml files by name) and `-`. A byte order mark stays. Rejects
 * with a CommandFailure that says which file cannot be read, and why.
 */
export async function readInput(paths: readonly string[], options: ReadInputOptions): Promise<readonly InputText[]> {
  expectStdinOnce(paths);
  const files: string[] = [];
  for (const path of paths) files.push(...(path === '-' ? [path] : await filesOf(path, options.recursive)));
  if (files.length > maxFiles) throw new CommandFailure(`expected at most ${maxFiles} files, found ${files.length}`);
  const texts: InputText[] = [];
  let bytesLeft = maxInputBytes;
  for (const file of files) {
    const bytes = await readBytes(file, options.stdin, bytesLeft);
    bytesLeft -= bytes.length;
    const source = file === '-' ? 'stdin' : file;
    texts.push({ source, text: decode(bytes, source) });
  }
  return texts;
}

/** Throws CommandFailure when standard input is to be read for several of these paths of a command. */
export function expectStdinOnce(paths: readonly (string | undefined)[]): void {
  if (paths.filter(path => path === '-').length < 2) return;
  throw usageFailure('expected - for standard input once, found it more often');
}

/** The text of one file that an option names, or of standard input for `-`. Rejects as `readInput`. */
export async function readOneFile(path: string, options: ReadInputOptions): Promise<InputText> {
  const [input] = await readInput([path], options);
  if (input !== undefined) return input;
  throw new CommandFailure(`${path}: expected a file, found none`);
}

/** Reads the value of `--template-path`. Throws CommandFailure. */
export function readTemplatePath(text: string): TemplatePath {
  const parsed = parseTemplatePath(text);
  if (typeof parsed === 'string') throw usageFailure(`--template-path: ${parsed}`);
  return parsed;
}

async function filesOf(path: string, recursive: boolean): Promise<readonly string[]> {
  const stats = await stat(path).catch(failed(path));
  if (!stats.isDirectory()) return [path];
  const entries = await readdir(path, { withFileTypes: true, recursive }).catch(failed(path));
  const files = entries
    .filter(entry => !entry.isDirectory() && manifestEndings.some(ending => entry.name.endsWith(ending)))
    .map(entry => join(entry.parentPath, entry.name))
    .toSorted();
  if (files.length > 0) return files;
  throw new CommandFailure(`${path}: expected files that end in ${manifestEndings.join(', ')}, found none`);
}

async function readBytes(file: string, stdin: Readable, maxBytes: number): Promise<Buffer> {
  if (file === '-') return collect(stdin, 'stdin', maxBytes);
  await using handle = await open(file, 'r').catch(failed(file));
  return await collect(handle.createReadStream({ autoClose: false }), file, maxBytes);
}

/** Also of pipes and devices, which have no size to look at before. */
async function collect(stream: Readable, source: string, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of stream) {
      const buffer = Buffer.from(chunk);
      bytes += buffer.length;
      if (bytes > maxBytes)
        throw new CommandFailure(`${source}: expected at most ${maxInputBytes} bytes of input, found more`);
      chunks.push(buffer);
    }
  } catch (error) {
    throw error instanceof CommandFailure ? error : failure(source, error);
  }
  return Buffer.concat(chunks);
}

function decode(bytes: Buffer, source: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw new CommandFailure(`${source}: expected text in UTF-8, found other bytes`, { cause: error });
  }
}

function failed(path: string): (error: unknown) => never {
  return error => {
    throw failure(path, error);
  };
}

function failure(path: string, error: unknown): CommandFailure {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT') return new CommandFailure(`${quote(path)}: expected a file or folder, found none`);
  return new CommandFailure(`${quote(path)}: cannot be read: ${errorText(error)}`, { cause: error });
}
