import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ManifestProblem } from '../../src/manifests/manifest-problem.ts';
import { parseManifests, type ManifestObject } from '../../src/manifests/parse-manifests.ts';
import { applyPatches, type PlacedPatch } from '../../src/manifests/placed-patch.ts';
import { findPodTemplates } from '../../src/manifests/pod-templates.ts';
import { splicePatches } from '../../src/manifests/splice-patches.ts';
import { readValuesFiles, renderText } from '../chart/helm.ts';
import { containerCredentials, planFor, webIdentity } from '../injection/support.ts';

/** What the webhook adds to the pods of a text; with container credentials a label too. */
function patchesOf(text: string, identity = webIdentity): readonly PlacedPatch[] {
  return parseManifests(text, 'a.yaml').flatMap(({ object, document, path }) =>
    findPodTemplates(object, []).map(found => ({
      document,
      path: [...path, ...found.path],
      operations: planFor(found.template, identity).patch,
    })),
  );
}

const splice = (text: string, identity = webIdentity): string =>
  splicePatches(text, 'a.yaml', patchesOf(text, identity)).text;

const rendered = (name: string): string => join(import.meta.dirname, 'rendered', `${name}.yaml.txt`);

const head = 'apiVersion: v1\nkind: Pod\n';

/** Ways to write a pod that a simple printer or a simple splice gets wrong. */
const awkward: readonly (readonly [name: string, text: string])[] = [
  ['carriage-returns', `${head}spec:\n  containers:\n  - name: app\n`.replaceAll('\n', '\r\n')],
  ['no-line-end', `${head}spec:\n  containers:\n  - name: app\n    image: |-\n      text`],
  ['byte-order-mark', `\uFEFF${head}spec:\n  containers:\n  - name: app\n`],
  ['document-marks', `%YAML 1.1\n--- # first\n${head}spec:\n  containers:\n  - name: app\n... # end\n---\n${head}`],
  [
    'comments',
    `# top\n${head}# before spec\nspec: # at spec\n  # before containers\n  containers: # at containers\n    # before the first\n    - # at the dash\n      # inside\n      name: app # at name\n      # last in the container\n    # after the containers\n  # after that\n# far left\n`,
  ],
  [
    'deep-comment-after-block-text',
    `${head}spec:\n  containers:\n  - name: app\n    args:\n    - |\n      text\n    # not text\n   # nor this\n`,
  ],
  ['block-text-kept', `${head}spec:\n  containers:\n  - name: app\n    image: |+\n      text\n\n\n\n# end\n`],
  ['block-text-indicator', `${head}spec:\n  containers:\n  - name: app\n    image: >2-\n          deeper\n`],
  [
    'quoted-over-lines',
    `${head}spec:\n  containers:\n  - name: app\n    image: "one\n      two \\\n      three"   # why\n`,
  ],
  ['plain-over-lines', `${head}spec:\n  containers:\n  - name: app\n    image: one\n      two\n\n      three # why\n`],
  [
    'flow-on-one-line',
    `${head}spec: {containers: [{name: app, env: [{name: A, value: b}]}, {name: b}], volumes: [{name: v}]}\n`,
  ],
  [
    'flow-over-lines',
    `${head}spec: {\n  containers: [\n    {\n      name: app, # why\n      env: [\n        {name: A}, # first\n      ],\n    },\n  ], # end\n}\n`,
  ],
  [
    'flow-with-anchor-and-tag',
    `${head}spec:\n  containers: [ &c !!map { name: app } ]\n  volumes: [ &v { name: v } ]\n`,
  ],
  ['json', JSON.stringify({ apiVersion: 'v1', kind: 'Pod', spec: { containers: [{ name: 'app', env: [] }] } })],
  [
    'json-over-lines',
    `${JSON.stringify({ apiVersion: 'v1', kind: 'Pod', spec: { volumes: [{ name: 'v' }], containers: [{ name: 'app', env: [{ name: 'A', value: 'b' }], volumeMounts: null }] } }, null, '\t')}\n`,
  ],
  [
    'empty-lists',
    `${head}spec:\n  volumes: []   # none\n  containers:\n  - name: app\n    env: [ ]\n    volumeMounts:\n      []\n`,
  ],
  [
    'nulls',
    `${head}spec:\n  volumes: ~ # none\n  containers:\n  - name: app\n    env:\n    # nothing yet\n    volumeMounts: null\n`,
  ],
  ['nulls-in-flow', `${head}spec: {volumes: , containers: [{env, name: app, volumeMounts: }]}\n`],
  ['null-last', `${head}spec:\n  containers:\n  - name: app\n    volumeMounts:\n  volumes:`],
  ['anchors', `${head}spec: &spec\n  containers: &all\n  - &first\n    name: &name app\n    env: &env\n    - *name\n`],
  [
    'alias-shared-by-all',
    `${head}spec:\n  containers:\n  - name: a\n    env: &env\n    - name: A\n  - name: b\n    env: *env\n`,
  ],
  ['alias-of-a-container', `${head}spec:\n  initContainers:\n  - &one {name: a}\n  containers:\n  - *one\n`],
  [
    'merge-keys',
    `x: &base\n  image: a\n  env:\n  - name: A\n    value: "yes"\n${head}spec:\n  containers:\n  - <<: *base\n    name: a\n  - <<: [*base]\n    name: b\n    env:\n    - name: B\n`,
  ],
  ['merge-of-a-spec', `x: &spec {containers: [{name: a}]}\n${head}spec:\n  <<: *spec\n`],
  [
    'nested-list',
    'apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: List\n  items:\n  -   apiVersion: v1\n      kind: Pod\n      spec:\n          containers:\n          -   name: a\n- apiVersion: v1\n  kind: Pod\n  spec:\n    containers:\n      - name: b\n',
  ],
  ['explicit-keys', `${head}? spec\n: containers:\n  - name: app\n    ? env\n    : - name: A\n`],
  [
    'quoted-keys',
    `"apiVersion": v1\n'kind': Pod\n"spec" :\n    'containers' :\n        -   "name" : app\n            "env":\n                -   name: A\n`,
  ],
  ['repeated-key', `${head}spec:\n  containers:\n  - name: app\n    env:\n    - name: A\n    env:\n    - name: B\n`],
  ['trailing-blanks', `${head}spec:   \n  containers:  \n  - name: app  \n    image: x   \n   \n\t\n`],
  ['blank-lines', `\n\n${head}\n\nspec:\n\n  containers:\n\n  - name: app\n\n    image: x\n\n\n`],
];

describe('`splicePatches()`', () => {
  test.each(awkward)('adds in the style of what is there: %s', async (name, text) => {
    await expect(splice(text)).toMatchFileSnapshot(`golden/${name}.txt`);
  });

  test.each(awkward)('means what the patch makes of the objects, with a label too: %s', (_, text) => {
    const patches = patchesOf(text, containerCredentials);
    const { text: spliced } = splicePatches(text, 'a.yaml', patches);
    expect(meaning(spliced)).toEqual(parseManifests(text, 'a.yaml').map(manifest => patched(manifest, patches)));
  });

  test.each(awkward)('changes nothing the second time: %s', (_, text) => {
    const once = splice(text);
    expect(splice(once)).toBe(once);
  });

  test.each(awkward)('leaves a text without patches as it is: %s', (_, text) => {
    expect(splicePatches(text, 'a.yaml', [])).toEqual({ text, edits: [] });
    const idle = patchesOf(text).map(patch => ({ ...patch, operations: [] }));
    expect(splicePatches(text, 'a.yaml', idle)).toEqual({ text, edits: [] });
  });

  test.each([
    [
      'an alias that another container shares',
      `\n${head}metadata: {annotations: {eks.amazonaws.com/skip-containers: b}}\nspec:\n  containers:\n  - name: a\n    env: &env\n    - name: A\n  - name: b\n    env: *env\n`,
    ],
    ['an alias that something else shares', `\n${head}x: &c {name: a}\nspec:\n  containers:\n  - *c\n`],
    ['a list in an explicit value', `\n${head}spec:\n  ? volumes\n  : - name: v\n  containers:\n  - name: a\n`],
  ])('refuses %s, and says where', (_, text) => {
    expect(() => splice(text)).toThrow(ManifestProblem);
    expect(() => splice(text)).toThrow('a.yaml:2: expected a document to which lines can be added');
  });

  test('refuses JSON that is too long to be taken apart', () => {
    const image = 'x'.repeat(17 * 1024 * 1024);
    const text = JSON.stringify({ apiVersion: 'v1', kind: 'Pod', spec: { containers: [{ name: 'app', image }] } });
    expect(() => splice(text)).toThrow(
      /^a\.yaml:1: expected at most 16777216 characters to add lines to, found \d+: -o json/,
    );
  });

  test('writes roles so that every reader takes them for texts', () => {
    const values = [
      'no',
      '0x1F',
      '12:30',
      '2001-01-01',
      '~',
      'a: b',
      '# c',
      ' d ',
      'é',
      '\u2028\u0085\u0007',
      '"\'\\',
      '😀',
      'x\ny',
      '=',
      '',
    ];
    for (const value of values) {
      const identity = { ...webIdentity, roleArn: { value, from: 'service_account' } } as const;
      for (const text of [`${head}spec:\n  containers:\n  - name: app\n`, `${head}spec: {containers: [{name: app}]}`]) {
        const spliced = splice(text, identity);
        expect(JSON.stringify(meaning(spliced))).toContain(`"AWS_ROLE_ARN","value":${JSON.stringify(value)}`);
        expect(spliced.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u2028]/u);
      }
    }
  });
});

const meaning = (text: string): readonly unknown[] => parseManifests(text, 'a.yaml').map(({ object }) => object);

function patched(manifest: ManifestObject, patches: readonly PlacedPatch[]): unknown {
  const own = patches
    .filter(
      ({ document, path }) => document === manifest.document && manifest.path.every((step, i) => path[i] === step),
    )
    .map(patch => ({ ...patch, path: patch.path.slice(manifest.path.length) }));
  return applyPatches(manifest.object, own);
}

function survives(before: string, after: string): boolean {
  const lines = before.split('\n').filter(line => !/^\s*(?:\w+:\s*)?\[\]/.test(line));
  let next = 0;
  for (const line of after.split('\n')) if (line === lines[next]) next += 1;
  return next === lines.length;
}

/** Our chart with the values of each of its tests, and a chart of nobody in particular. */
const charts = [
  ...(await readValuesFiles()).map(({ name, values }) => ({ name, render: () => renderText({ values }) })),
  { name: 'a chart as most are written', render: () => readFile(rendered('collector'), 'utf8') },
];

describe('rendered charts', () => {
  test.each(charts)('keep every line: $name', async ({ render }) => {
    const text = await render();
    const patches = patchesOf(text);
    expect(patches.length).toBeGreaterThan(0);
    const spliced = splicePatches(text, 'chart.yaml', patches).text;
    expect(survives(text, spliced)).toBe(true);
    expect(meaning(spliced)).toEqual(parseManifests(text, 'a.yaml').map(manifest => patched(manifest, patches)));
  });

  test('a chart as most are written', async () => {
    const text = await readFile(rendered('collector'), 'utf8');
    await expect(splice(text)).toMatchFileSnapshot('golden/collector.yaml.txt');
  });
});
