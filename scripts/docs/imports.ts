import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { modulesOf } from '../imports/find-forbidden.ts';
import { mayImport, type Room } from '../imports/may-import.ts';
import { markdownTable } from './markdown-table.ts';

const path = join(import.meta.dirname, '..', '..', 'CONTRIBUTING.md');
const begin = '<!-- may-import: begin -->\n';
const end = '\n<!-- may-import: end -->';

/** CONTRIBUTING.md with the table of imports as it is in the code; the rest is what a person wrote. */
export function renderContributing(): string {
  const text = readFileSync(path, 'utf8');
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from === -1 || to === -1) throw new Error(`expected ${begin.trim()} and ${end.trim()} in CONTRIBUTING.md`);
  return text.slice(0, from + begin.length) + renderImports() + text.slice(to);
}

function renderImports(): string {
  return markdownTable(['room', 'imports from `src/`', 'other imports', 'because'], mayImport.map(toRow));
}

function toRow(room: Room): readonly string[] {
  const { name, rooms, typesOf = [], isPure = false, because = '' } = room;
  const types = typesOf.length === 0 ? [] : [`types of ${typesOf.join(', ')}`];
  const fromSource = rooms === 'all above' ? ['all above'] : [...rooms, ...types];
  const modules = modulesOf(room).map(module => `\`${module}\``);
  return [isPure ? `${name} (pure)` : name, orNothing(fromSource), orNothing(modules), because];
}

function orNothing(texts: readonly string[]): string {
  return texts.length === 0 ? '–' : texts.join(', ');
}
