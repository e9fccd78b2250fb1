import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseServeArguments } from '../../src/configuration/parse-serve-arguments.ts';
import type { ServeSettings } from '../../src/configuration/serve-settings.ts';

/** What is known about the ServiceAccount `golden/app` of a golden pod. */
export interface GoldenAccount {
  readonly annotations: { readonly [name: string]: string };
  /** The mapping ConfigMap's document; absent for none. */
  readonly mapping?: object;
  /** Whether the associations file lists the account. */
  readonly associated?: boolean;
}

/** One folder of `test/golden`. */
export interface GoldenCase {
  readonly name: string;
  readonly folder: string;
  readonly pod: { readonly [field: string]: unknown };
  readonly account: GoldenAccount;
  /** What the case shows, and the flags that it needs. */
  readonly settings: { readonly note: string; readonly flags: readonly string[] };
}

const goldenFolder = join(import.meta.dirname, '..', 'golden');

/** The files that a golden folder consists of; anything else there is an orphan. */
export const goldenFiles: readonly string[] = [
  'account.json',
  'expected-notices.json',
  'expected-patch.json',
  'expected-pod.json',
  'pod.json',
  'settings.json',
];

/** Reads all golden pods, in the order of their names. */
export async function readGoldenCases(): Promise<readonly GoldenCase[]> {
  const names = await readdir(goldenFolder);
  return Promise.all(names.toSorted().map(readGoldenCase));
}

async function readGoldenCase(name: string): Promise<GoldenCase> {
  const folder = join(goldenFolder, name);
  const [pod, account, settings] = await Promise.all(
    ['pod', 'account', 'settings'].map(async file => JSON.parse(await readFile(join(folder, `${file}.json`), 'utf8'))),
  );
  return { name, folder, pod, account, settings };
}

/** The settings that these flags give beside those that every start needs. */
export function settingsOf(flags: readonly string[]): ServeSettings {
  const parsed = parseServeArguments(['--in-cluster=false', ...flags], {});
  if (parsed.kind !== 'settings') throw new Error(`expected settings, found ${JSON.stringify(parsed)}`);
  return parsed.settings;
}
