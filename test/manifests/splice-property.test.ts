import fastJsonPatch from 'fast-json-patch';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseManifests } from '../../src/manifests/parse-manifests.ts';
import { splicePatches } from '../../src/manifests/splice-patches.ts';
import { containerCredentials, planFor, webIdentity } from '../injection/support.ts';
import { toRandomYaml } from './random-yaml.ts';

const name = fc.constantFrom('app', 'proxy', 'no', 'true', '1', 'on', 'a b', 'x: y', '# z', '- q', 'word\n', 'é', '');
const variable = fc.record({ name: fc.constantFrom('A', 'AWS_ROLE_ARN', 'AWS_REGION'), value: name });
const absentOr = <T>(list: fc.Arbitrary<T>): fc.Arbitrary<T | undefined | null> =>
  fc.oneof(list, fc.constant(undefined), fc.constant(null));

const container = fc.record({
  name,
  image: fc.constant('registry.example.com/app:1'),
  env: absentOr(fc.array(variable, { maxLength: 3 })),
  args: absentOr(fc.array(name, { maxLength: 3 })),
  volumeMounts: absentOr(fc.array(fc.record({ name, mountPath: fc.constant('/data') }), { maxLength: 2 })),
});

const pod = fc.record({
  apiVersion: fc.constant('v1'),
  kind: fc.constant('Pod'),
  metadata: fc.record({ name: fc.constant('web'), labels: absentOr(fc.record({ app: name })) }),
  spec: fc.record({
    volumes: absentOr(fc.array(fc.record({ name, emptyDir: fc.constant({}) }), { maxLength: 2 })),
    initContainers: absentOr(fc.array(container, { maxLength: 2 })),
    containers: fc.array(container, { minLength: 1, maxLength: 3 }),
    serviceAccountName: fc.constant('web'),
  }),
});

/** Shuffles fields too: any of them may be the last one. */
function written(value: unknown, pick: (bound: number) => number): unknown {
  if (Array.isArray(value)) return value.map(entry => written(entry, pick));
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  const keyed = fields.map(([key, field]) => ({ order: pick(1000), entry: [key, written(field, pick)] as const }));
  return Object.fromEntries(keyed.toSorted((a, b) => a.order - b.order).map(({ entry }) => entry));
}

function picker(seed: number): (bound: number) => number {
  let state = seed >>> 0;
  // The generator of Numerical Recipes; its high bits are good enough here.
  return bound => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * bound);
  };
}

function isSubsequence(parts: readonly string[], whole: readonly string[]): boolean {
  let next = 0;
  for (const part of whole) if (part === parts[next]) next += 1;
  return next === parts.length;
}

const formatting = fc.record({
  seed: fc.nat(),
  flow: fc.boolean(),
  words: fc.boolean(),
  lineEnd: fc.constantFrom('\n' as const, '\r\n' as const),
});

test('`splicePatches()` means what JSON says and keeps what is written, for any pod in any style', () => {
  fc.assert(
    fc.property(pod, formatting, fc.boolean(), (given, { seed, ...style }, isAssociated) => {
      const pick = picker(seed);
      const object = Object(written(given, pick));
      const text = toRandomYaml(object, { ...style, pick });
      const [manifest] = parseManifests(text, 'pod.yaml');
      expect(manifest?.object).toEqual(object);
      const { patch } = planFor(object, isAssociated ? containerCredentials : webIdentity);
      const spliced = splicePatches(text, 'pod.yaml', [{ document: 1, path: [], operations: patch }]).text;
      const expected = fastJsonPatch.applyPatch(structuredClone(object), structuredClone([...patch])).newDocument;
      expect(parseManifests(spliced, 'pod.yaml').map(found => found.object)).toEqual([expected]);
      const keepsLines = !style.flow && !style.words && !text.includes('[]');
      if (keepsLines) expect(isSubsequence(text.split(/\r?\n/), spliced.split(/\r?\n/))).toBe(true);
      else if (!style.words && !text.includes('[]'))
        expect(isSubsequence(text.split(''), spliced.split(''))).toBe(true);
    }),
    { numRuns: 300 },
  );
});
