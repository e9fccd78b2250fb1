import { describe, expect, test } from 'vitest';
import { checkTable } from '../../scripts/imports/check-table.ts';
import { findCircles } from '../../scripts/imports/find-circles.ts';
import { findForbidden } from '../../scripts/imports/find-forbidden.ts';
import { mayImport, type Room } from '../../scripts/imports/may-import.ts';
import { readImports, type ImportingFile } from '../../scripts/imports/read-imports.ts';

/** Files by their path and text. */
function filesOf(texts: Readonly<Record<string, string>>): readonly ImportingFile[] {
  return Object.entries(texts).map(([path, text]) => readImports(path, text));
}

const table: readonly Room[] = [
  { name: 'low', rooms: [] },
  { name: 'middle', rooms: ['low'], node: ['fs'], packages: ['@scope/one'], because: 'it reads files' },
  { name: 'seeing', rooms: ['low'], typesOf: ['middle'], because: 'it sees the middle' },
  { name: 'high', rooms: 'all above', files: ['package.json'], because: 'it has the version' },
];

const middleMay = 'src/middle may import src/low, node:fs, @scope/one';
const seeingMay = 'src/seeing may import src/low, types of src/middle';

describe('findForbidden()', () => {
  test.each<[path: string, code: string]>([
    ['src/low/a.ts', "import './b.ts'; import '../low/c.ts';"],
    ['src/middle/deep/a.ts', "import '../../low/deep/b.ts'; import 'node:fs';"],
    ['src/middle/a.ts', "import '@scope/one'; import '@scope/one/file.js';"],
    ['src/seeing/a.ts', "import type { B } from '../middle/b.ts'; export type B2 = import('../middle/b.ts').B;"],
    ['src/high/a.ts', "import '../seeing/b.ts'; import version from '../../package.json' with { type: 'json' };"],
  ])('allows in %s: %s', (path, code) => {
    expect(findForbidden(filesOf({ [path]: code }), table)).toEqual([]);
  });

  test.each<[path: string, code: string, expected: string]>([
    ['src/low/a.ts', "import '../high/b.ts';", 'imports src/high/b.ts; src/low may import only its own files'],
    [
      'src/low/a.ts',
      "import type { B } from '../high/b.ts';",
      'imports types of src/high/b.ts; src/low may import only its own files',
    ],
    ['src/middle/a.ts', "export * from '../seeing/b.ts';", `imports src/seeing/b.ts; ${middleMay}`],
    ['src/middle/a.ts', "export type { B } from '../high/b.ts';", `imports types of src/high/b.ts; ${middleMay}`],
    ['src/middle/a.ts', "const f = () => import('../high/b.ts');", `imports src/high/b.ts; ${middleMay}`],
    ['src/middle/a.ts', "type B = import('../high/b.ts').B;", `imports types of src/high/b.ts; ${middleMay}`],
    ['src/middle/a.ts', 'const f = (name: string) => import(name);', `imports (name); ${middleMay}`],
    ['src/middle/a.ts', "import 'node:fs/promises';", `imports node:fs/promises; ${middleMay}`],
    ['src/middle/a.ts', "import 'fs';", `imports fs; ${middleMay}`],
    ['src/middle/a.ts', "import '@scope/one-more';", `imports @scope/one-more; ${middleMay}`],
    ['src/middle/a.ts', "import type { Two } from '@scope/two';", `imports types of @scope/two; ${middleMay}`],
    ['src/middle/a.ts', "import '../../package.json';", `imports package.json; ${middleMay}`],
    ['src/middle/a.ts', "import '../../test/b.ts';", `imports test/b.ts; ${middleMay}`],
    ['src/seeing/a.ts', "import { b } from '../middle/b.ts';", `imports src/middle/b.ts; ${seeingMay}`],
    ['src/seeing/a.ts', "import { type B } from '../middle/b.ts';", `imports src/middle/b.ts; ${seeingMay}`],
    [
      'src/high/a.ts',
      "import '../other/b.ts';",
      'imports src/other/b.ts; src/high may import all rooms above it, package.json',
    ],
  ])('reports in %s: %s', (path, code, expected) => {
    expect(findForbidden(filesOf({ [path]: `// a line\n${code}` }), table)).toEqual([`${path}:2 ${expected}`]);
  });

  test('reports files without a room', () => {
    const expected = ['src/other/a.ts', 'src/a.ts'].map(
      path => `${path} lies in no room of scripts/imports/may-import.ts`,
    );
    expect(findForbidden(filesOf({ 'src/other/a.ts': '', 'src/a.ts': '' }), table)).toEqual(expected);
  });
});

describe('the table of rooms', () => {
  const pure = ['identity', 'injection', 'admission', 'explanation'];
  const names = mayImport.map(({ name }) => name);
  const outside = ['node:fs', 'node:timers', '@kubernetes/client-node', 'fastify', 'pino', '@prometheus-io/client'];

  /** Whether a file of the room may have this import. */
  const allows = (room: string, target: string): boolean =>
    findForbidden(filesOf({ [`src/${room}/a.ts`]: `import '${target}';` })).length === 0;

  test.each(pure)('keeps src/%s pure', room => {
    expect(outside.filter(target => allows(room, target))).toEqual([]);
    expect(
      ['kubernetes', 'sources', 'server', 'observability', 'commands'].filter(name => allows(room, `../${name}/a.ts`)),
    ).toEqual([]);
  });

  test.each([
    ['fastify', ['server']],
    ['pino', ['observability']],
    ['@prometheus-io/client', ['observability']],
    ['@kubernetes/client-node', ['kubernetes']],
  ])('allows %s in one room', (target, rooms) => {
    expect(names.filter(name => allows(name, target))).toEqual(rooms);
  });

  test('lets nothing import the commands', () => {
    expect(names.filter(name => allows(name, '../commands/a.ts'))).toEqual(['commands']);
  });
});

describe('checkTable()', () => {
  const files = filesOf({ 'src/low/a.ts': '', 'src/middle/a.ts': "import '../low/a.ts'; import 'node:fs';" });
  const low: Room = { name: 'low', rooms: [] };

  test('is content with a row that says what the files do', () => {
    expect(checkTable(files, [low, { name: 'middle', rooms: ['low'], node: ['fs'] }])).toEqual([]);
  });

  test.each<[row: Room, expected: string]>([
    [{ name: 'gone', rooms: [] }, 'src/gone has a row in the table, but no files'],
    [
      { name: 'middle', rooms: ['low'], node: ['fs', 'net'] },
      'src/middle may import node:net, which none of its files does: remove it from the table',
    ],
    [
      { name: 'middle', rooms: ['low'], node: ['fs'], packages: ['zod'], because: 'it parses' },
      'src/middle may import zod, which none of its files does: remove it from the table',
    ],
    [
      { name: 'middle', rooms: ['low'], isPure: true, node: ['fs'] },
      'src/middle is pure, so it may not name modules of Node.js',
    ],
  ])('reports %j', (row, expected) => {
    expect(checkTable(files, [low, row])).toEqual([expected]);
  });

  test('reports a room that stands below the one that names it, which no circle of rooms can do without', () => {
    const rows: readonly Room[] = [{ name: 'middle', rooms: ['low'], node: ['fs'] }, low];
    expect(checkTable(files, rows)).toEqual(['src/middle may not name src/low, which does not stand above it']);
  });

  test('reports a room that no file imports, and packages without a reason', () => {
    const idle = filesOf({ 'src/low/a.ts': '', 'src/middle/a.ts': "import 'zod';" });
    expect(checkTable(idle, [low, { name: 'middle', rooms: ['low'], packages: ['zod'] }])).toEqual([
      'src/middle needs a reason (because) for what it names',
      'src/middle may import src/low, which none of its files does: remove it from the table',
    ]);
  });
});

describe('findCircles()', () => {
  test.each<[form: string, code: string]>([
    ['types', "import type { B } from './b.ts';"],
    ['an import() of a type', "export type B = import('./b.ts').B;"],
    ['a re-export', "export * from './b.ts';"],
    ['a re-export of types', "export type { B } from './b.ts';"],
    ['a dynamic import()', "export const b = () => import('./b.ts');"],
    ['values', "import { b } from './b.ts';"],
  ])('finds a circle that %s close', (_form, code) => {
    const files = filesOf({ 'src/low/a.ts': code, 'src/low/b.ts': "import type { A } from './a.ts';" });
    expect(findCircles(files)).toEqual(['src/low/a.ts -> src/low/b.ts -> src/low/a.ts']);
  });

  test('finds a circle of three, once, and not the files that only lead to it', () => {
    const files = filesOf({
      'src/low/start.ts': "import './c.ts';",
      'src/low/c.ts': "import './a.ts'; import './end.ts';",
      'src/low/a.ts': "import './b.ts';",
      'src/low/b.ts': "import './c.ts';",
      'src/low/end.ts': '',
    });
    expect(findCircles(files)).toEqual(['src/low/a.ts -> src/low/b.ts -> src/low/c.ts -> src/low/a.ts']);
  });

  test('finds two circles that share a file, and a file that imports itself', () => {
    const files = filesOf({
      'src/low/a.ts': "import './b.ts';",
      'src/low/b.ts': "import './a.ts'; import './c.ts';",
      'src/low/c.ts': "import './b.ts';",
      'src/low/d.ts': "import './d.ts';",
    });
    expect(findCircles(files)).toEqual([
      'src/low/a.ts -> src/low/b.ts -> src/low/a.ts',
      'src/low/b.ts -> src/low/c.ts -> src/low/b.ts',
      'src/low/d.ts -> src/low/d.ts',
    ]);
  });

  test('reports one import that closes many circles once', () => {
    const files = filesOf({
      'src/low/a.ts': "import './end.ts';",
      'src/low/b.ts': "import './a.ts';",
      'src/low/c.ts': "import './a.ts'; import './b.ts';",
      'src/low/end.ts': "import './b.ts'; import './c.ts';",
    });
    expect(findCircles(files)).toEqual(['src/low/a.ts -> src/low/end.ts -> src/low/b.ts -> src/low/a.ts']);
  });

  test('finds a circle of rooms whose files form none', () => {
    const files = filesOf({
      'src/low/a.ts': "import type { B } from '../high/b.ts';",
      'src/high/b.ts': '',
      'src/high/c.ts': "import '../low/d.ts';",
      'src/low/d.ts': '',
    });
    expect(findCircles(files)).toEqual(['high -> low -> high']);
  });

  test('finds none where imports go down only', () => {
    const files = filesOf({
      'src/high/a.ts': "import '../low/b.ts'; import '../low/c.ts'; import 'zod';",
      'src/low/b.ts': "import './c.ts';",
      'src/low/c.ts': '',
    });
    expect(findCircles(files)).toEqual([]);
  });
});
