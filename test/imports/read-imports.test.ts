import { describe, expect, test } from 'vitest';
import { readImports } from '../../scripts/imports/read-imports.ts';

const value = { target: 'src/util/log.ts', isType: false };
const type = { target: 'src/util/log.ts', isType: true };

const forms: readonly (readonly [code: string, found: { readonly target: string; readonly isType: boolean }])[] = [
  ["import { log } from '../util/log.ts';", value],
  ["import log from '../util/log.ts';", value],
  ["import * as log from '../util/log.ts';", value],
  ["import '../util/log.ts';", value],
  ["import { type Log, log } from '../util/log.ts';", value],
  ["import { type Log } from '../util/log.ts'; // still loads the file", value],
  ["import type { Log } from '../util/log.ts';", type],
  ["import type * as log from '../util/log.ts';", type],
  ["import\n  type\n  { Log }\n  from\n  '../util/log.ts';", type],
  ["export { log } from '../util/log.ts';", value],
  ["export * from '../util/log.ts';", value],
  ["export * as log from '../util/log.ts';", value],
  ["export type { Log } from '../util/log.ts';", type],
  ["export type * from '../util/log.ts';", type],
  ["const f = async () => (await import('../util/log.ts')).log;", value],
  ['const f = () => import(`../util/log.ts`);', value],
  ["type Log = import('../util/log.ts').Log;", type],
  ["function f(log: readonly import('../util/log.ts').Log[]): void {}", type],
  ["const log = require('../util/log.ts');", value],
  ["import log = require('../util/log.ts');", value],
  ["const fs = process.getBuiltinModule('node:fs');", { target: 'node:fs', isType: false }],
  ["import { z } from 'zod';", { target: 'zod', isType: false }],
  ["import version from '../../package.json' with { type: 'json' };", { target: 'package.json', isType: false }],
  ['const f = (name: string) => import(name);', { target: '(name)', isType: false }],
  ['const f = (name: string) => import(`../util/${name}.ts`);', { target: '(`../util/${name}.ts`)', isType: false }],
];

const withoutImport: readonly string[] = [
  "// import { log } from '../util/log.ts';",
  '/** @example import("../util/log.ts") */',
  'const text = "import { log } from \'../util/log.ts\';";',
  'const text = `\nimport "../util/log.ts";\n`;',
  'export { text }; const text = import.meta.url;',
  "const found = map.get('node:fs');",
];

describe('readImports()', () => {
  test.each(forms)('finds %j', (code, found) => {
    expect(readImports('src/server/a.ts', code).imports).toEqual([{ line: 1, ...found }]);
  });

  test.each(withoutImport)('finds nothing in %j', code => {
    expect(readImports('src/server/a.ts', code).imports).toEqual([]);
  });

  test('finds several, each in its line, whatever characters precede it', () => {
    const code = "const text = '🙂';\n\nimport 'zod';\r\nexport * from './b.ts';";
    expect(readImports('src/server/a.ts', code)).toEqual({
      path: 'src/server/a.ts',
      imports: [
        { line: 3, target: 'zod', isType: false },
        { line: 4, target: 'src/server/b.ts', isType: false },
      ],
    });
  });

  test('reads JavaScript and declarations as well', () => {
    expect(readImports('src/audit/a.js', "import './b.js';").imports).toHaveLength(1);
    expect(readImports('src/audit/a.d.ts', "export declare const a: import('./b.ts').B;").imports).toHaveLength(1);
  });

  test('refuses what is no code', () => {
    expect(() => readImports('src/server/a.ts', 'import { from')).toThrow('src/server/a.ts: ');
  });
});
