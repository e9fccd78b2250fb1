import { describe, expect, test } from 'vitest';
import { ManifestProblem } from '../../src/manifests/manifest-problem.ts';
import { parseManifests, parseOneDocument } from '../../src/manifests/parse-manifests.ts';

const pod = (name: string): string => `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}}\n`;
const head = 'apiVersion: v1\nkind: Thing\n';

describe('`parseManifests()`', () => {
  test.each([
    ['an empty text', '', []],
    ['comments and empty documents', '# nothing\n---\n---\n# here\n...\n', []],
    ['one document', pod('a'), [{ document: 1, line: 1, path: [] }]],
    [
      'documents with empty ones between',
      `---\n# first\n${pod('a')}---\n---\n${pod('b')}`,
      [
        { document: 1, line: 3, path: [] },
        { document: 3, line: 8, path: [] },
      ],
    ],
    [
      'a list of lists',
      'apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: List\n  items:\n  - {apiVersion: v1, kind: A}\n- {apiVersion: v1, kind: B}\n',
      [
        { document: 1, line: 7, path: ['items', 0, 'items', 0] },
        { document: 1, line: 8, path: ['items', 1] },
      ],
    ],
    [
      'JSON',
      '\uFEFF\n{"apiVersion":"v1","kind":"List",\n"items":[{"apiVersion":"v1","kind":"A"}]}',
      [{ document: 1, line: 1, path: ['items', 0] }],
    ],
    ['YAML in flow style', '{apiVersion: v1,\n kind: A}', [{ document: 1, line: 1, path: [] }]],
    ['an empty list', 'apiVersion: v1\nkind: List\nitems: []\n', []],
    ['a kind that only sounds like a list', 'apiVersion: v1\nkind: AccessList\n', [{ document: 1, line: 1, path: [] }]],
  ])('finds the objects of %s', (_, text, expected) => {
    const found = parseManifests(text, 'a.yaml');
    expect(found.map(({ document, line, path }) => ({ document, line, path }))).toEqual(expected);
    expect(found.every(({ source }) => source === 'a.yaml')).toBe(true);
  });

  test('says of the items of a typed list what they are', () => {
    const text =
      '{"apiVersion":"v1","kind":"PodList","items":[{"metadata":{"name":"a"}},{"kind":"Own","apiVersion":"v2"}]}';
    expect(parseManifests(text, 'a').map(({ object }) => object)).toEqual([
      { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' } },
      { apiVersion: 'v2', kind: 'Own' },
    ]);
  });

  test.each([
    ['on: yes', { true: true }],
    ['mode: 0644', { mode: 420 }],
    ['mode: 0o644', { mode: 420 }],
    ['time: 22:22', { time: '22:22' }],
    ['date: 2001-12-14', { date: '2001-12-14' }],
    ['set: !!set {a, b}', { set: { a: null, b: null } }],
    ['bytes: !!binary aGVsbG8=', { bytes: 'aGVsbG8=' }],
    ['tag: !Ref other', { tag: 'other' }],
    ['a: 1\na: 2', { a: 2 }],
    ['80: port', { '80': 'port' }],
    ['a: &a {x: 1}\nb: *a\nc: {<<: *a, z: 2}', { a: { x: 1 }, b: { x: 1 }, c: { x: 1, z: 2 } }],
    ['a: &a 1\nb: &a 2\nc: *a', { a: 1, b: 2, c: 2 }],
    ['text: |\n  one\n\n  two\nkept: |+\n  three\n\n', { text: 'one\n\ntwo\n', kept: 'three\n\n\n' }],
    ['%TAG ! tag:example.com,2000:', undefined],
  ])('reads %j as kubectl does', (yaml, expected) => {
    const text = yaml.startsWith('%') ? `${yaml}\n---\n${head}` : `${head}${yaml}\n`;
    expect(parseManifests(text, 'a')[0]?.object).toEqual({ apiVersion: 'v1', kind: 'Thing', ...expected });
  });

  test('keeps keys that are names of Object.prototype as data', () => {
    const [yaml] = parseManifests(`${head}__proto__: {polluted: true}\nconstructor: 1\n`, 'a');
    expect(Object.keys(yaml?.object ?? {})).toEqual(['apiVersion', 'kind', '__proto__', 'constructor']);
    expect({}).not.toHaveProperty('polluted');
  });

  const expected = 'expected a Kubernetes object with apiVersion and kind';
  test.each([
    ['a text', '\nhello', `a.yaml:2: ${expected}, found string`],
    ['a list', '- 1', `a.yaml:1: ${expected}, found a list`],
    ['an item that is none', 'apiVersion: v1\nkind: List\nitems:\n- 1\n', `a.yaml:4: ${expected}, found number`],
    ['no apiVersion', 'kind: Pod', `a.yaml:1: ${expected}, found one without apiVersion`],
    ['a kind that is no text', '---\napiVersion: v1\nkind: 1', `a.yaml:2: ${expected}, found one without kind`],
    ['an open quote', `${head}a: "b`, 'a.yaml:3: expected YAML, found: Missing closing "quote'],
    ['a tab', `${head}\ta: b`, 'a.yaml:3: expected YAML, found: '],
    [
      'an unknown anchor',
      `${head}a: *b`,
      'a.yaml:1: expected YAML whose aliases can be resolved, found: Unresolved alias',
    ],
    ['an alias within its anchor', `${head}a: &a [*a]`, 'a.yaml:1: expected '],
    ['an open brace', '{"apiVersion":', 'a.yaml:1: expected YAML, found: '],
    ['a broken document after good ones', `${pod('a')}---\n${pod('b')}---\n}`, 'a.yaml:9: expected YAML, found: '],
  ])('refuses %s with file and line', (_, text, message) => {
    expect(() => parseManifests(text, 'a.yaml')).toThrow(ManifestProblem);
    expect(() => parseManifests(text, 'a.yaml')).toThrow(message);
  });

  const laughs = Array.from({ length: 12 }, (_, level) =>
    level === 0
      ? 'a0: &a0 [x, x, x, x]'
      : `a${level}: &a${level} [${Array(10)
          .fill(`*a${level - 1}`)
          .join(', ')}]`,
  ).join('\n');
  const chain = Array.from({ length: 400 }, (_, level) =>
    level === 0 ? 'a0: &a0 [x]' : `a${level}: &a${level} [*a${level - 1}]`,
  ).join('\n');
  test.each([
    ['JSON that is nested too deeply', `${'{"a":'.repeat(300)}1${'}'.repeat(300)}`],
    ['brackets that are nested too deeply', '['.repeat(20_000)],
    ['lists that are nested too deeply', `${'- '.repeat(2_000)}a`],
    ['aliases that are nested too deeply', `${head}${chain}\n`],
    ['aliases that multiply', `${head}${laughs}\n`],
    ['an alias that comes too often', `${head}a: &a b\nc: [${Array(5_000).fill('*a').join(', ')}]\n`],
    [
      'merge keys that would copy a lot',
      `${head}a: &a {${Array.from({ length: 20_000 }, (_, index) => `k${index}: 1`).join(', ')}}\nb: [${Array(1_000).fill('{<<: *a}').join(', ')}]\n`,
    ],
    [
      'aliases that make a small text large',
      `${head}a: &a [${Array(2_000).fill('x').join(', ')}]\nb: [${Array(900).fill('*a').join(', ')}]\n`,
    ],
    ['too many documents', '---\n'.repeat(20_002)],
    ['too long a text', `${head}a: "${'x'.repeat(17 * 1024 * 1024)}"`],
  ])('refuses %s', (_, text) => {
    expect(() => parseManifests(text, 'a.yaml')).toThrow(/^a\.yaml:\d+: expected /);
  });

  test('takes JSON that is longer than YAML may be', () => {
    const text = JSON.stringify({ apiVersion: 'v1', kind: 'Thing', a: 'x'.repeat(17 * 1024 * 1024) });
    expect(parseManifests(text, 'a.json')).toHaveLength(1);
  });
});

describe('`parseOneDocument()`', () => {
  test('gives what the document means, whatever it is', () => {
    expect(parseOneDocument('# none', 'a')).toBeUndefined();
    expect(parseOneDocument('[1, 2]', 'a')).toEqual([1, 2]);
    expect(parseOneDocument('a: b', 'a')).toEqual({ a: 'b' });
  });

  test('refuses a second document', () => {
    expect(() => parseOneDocument('a: b\n---\nc: d\n', 'a')).toThrow('a:3: expected one document, found more');
  });
});
