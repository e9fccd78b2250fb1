import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FuzzCase } from './fuzz-case.ts';

const folder = join(import.meta.dirname, 'regressions');

/** A case that failed once, minimised, and why. */
export interface Regression {
  readonly problems: readonly string[];
  readonly case: FuzzCase;
}

/** Every file of `regressions/` by its name. */
export function readRegressions(): readonly (readonly [string, Regression])[] {
  const names = readdirSync(folder).filter(name => name.endsWith('.json'));
  return names.map(name => [name, JSON.parse(readFileSync(join(folder, name), 'utf8'))]);
}

/** Keeps a failing case for `make test`, and gives the path of its file. */
export function saveRegression(regression: Regression): string {
  const text = `${JSON.stringify(regression, undefined, 2)}\n`;
  const path = join(folder, `${createHash('sha256').update(text).digest('hex').slice(0, 12)}.json`);
  writeFileSync(path, text);
  return path;
}
