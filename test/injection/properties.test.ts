import * as fc from 'fast-check';
import fastJsonPatch from 'fast-json-patch';
import { applyPatch as applySecond } from 'rfc6902';
import { describe, expect, test } from 'vitest';
import type { OutcomeGroup } from '../../src/admission/answer.ts';
import { judge } from '../../src/admission/judge.ts';
import { patchOf } from '../../src/admission/respond.ts';
import { reviewOfCreation } from '../../src/admission/review-request.ts';
import { readSubject } from '../../src/admission/subject.ts';
import type { Identity } from '../../src/identity/identity.ts';
import { toPatchText } from '../../src/injection/patch.ts';
import type { InjectionSettings } from '../../src/injection/settings.ts';
import { readEnds } from './final-pod.ts';
import { podArbitrary } from './pod-arbitrary.ts';
import { containerCredentials, planFor, settingsWith, webIdentity } from './support.ts';

/** Runs of each property: the least that continuous integration owes. */
const numRuns = 2_000;

const identities: fc.Arbitrary<Identity> = fc.constantFrom<Identity[]>(
  webIdentity,
  { ...webIdentity, regionalSts: { value: true, from: 'flag' as const } },
  containerCredentials,
);
const settings: fc.Arbitrary<InjectionSettings> = fc
  .record({
    region: fc.constantFrom('', 'eu-west-1'),
    partialIdentityEnv: fc.constantFrom('complete' as const, 'keep' as const),
    roleSessionName: fc.constantFrom('none' as const, 'pod' as const),
  })
  .map(settingsWith);

type Json = { [field: string]: unknown };

function apply(pod: Json, patch: ReturnType<typeof planFor>['patch']): Json {
  const document = structuredClone(pod);
  return fastJsonPatch.applyPatch(document, structuredClone([...patch]), true, true, true).newDocument;
}

/** True when `after` holds all of `before`: lists may have grown at either end, null lists and maps may have been filled. */
function isExtension(before: unknown, after: unknown): boolean {
  if (before === null && typeof after === 'object') return true;
  if (Array.isArray(before)) {
    if (!Array.isArray(after) || after.length < before.length) return false;
    const starts = [0, after.length - before.length];
    return starts.some(start => before.every((entry, index) => isExtension(entry, after[start + index])));
  }
  if (typeof before !== 'object' || before === null) return Object.is(before, after);
  if (typeof after !== 'object' || after === null) return false;
  const grown = new Map(Object.entries(after));
  return Object.entries(before).every(([name, value]) => grown.has(name) && isExtension(value, grown.get(name)));
}

function reverseKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reverseKeys);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).toReversed();
  return Object.fromEntries(entries.map(([name, field]) => [name, reverseKeys(field)]));
}

/** As the tests name what a container ends up with. */
function endOfGroup({ outcome, role }: Partial<OutcomeGroup>, identity: Identity): string {
  if (outcome === 'role') return `role ${role}`;
  if (outcome === 'container_credentials') return 'other credentials';
  if (outcome !== 'identity') return outcome ?? 'none';
  return identity.method === 'web_identity' ? `role ${identity.roleArn.value}` : 'association';
}

describe('a patch', () => {
  test('E70 E73: applies in two libraries alike, and consists of additions only', () => {
    fc.assert(
      fc.property(podArbitrary, identities, settings, (pod, identity, given) => {
        const { patch } = planFor(pod, identity, given);
        const first = apply(pod, patch);
        const second = structuredClone(pod);
        expect(applySecond(second, structuredClone([...patch])).every(result => result === null)).toBe(true);
        expect(second).toEqual(first);
        expect(patch.every(operation => operation.op === 'add')).toBe(true);
      }),
      { numRuns },
    );
  });

  test('has the text that JSON.stringify has for it', () => {
    fc.assert(
      fc.property(podArbitrary, identities, settings, (pod, identity, given) => {
        const { patch } = planFor(pod, identity, given);
        expect(toPatchText(patch)).toBe(JSON.stringify(patch));
      }),
      { numRuns },
    );
  });

  test('E74 E75: removes and changes nothing', () => {
    fc.assert(
      fc.property(podArbitrary, identities, settings, (pod, identity, given) => {
        expect(isExtension(pod, apply(pod, planFor(pod, identity, given).patch))).toBe(true);
      }),
      { numRuns },
    );
  });

  test('E34 E77 E127: is empty on the second pass', () => {
    fc.assert(
      fc.property(podArbitrary, identities, settings, (pod, identity, given) => {
        const once = apply(pod, planFor(pod, identity, given, () => 0).patch);
        expect(planFor(once, identity, given, () => 0.9).patch).toEqual([]);
      }),
      { numRuns },
    );
  });

  test('E15: is the same for any order of keys, and leaves the pod as it was', () => {
    fc.assert(
      fc.property(podArbitrary, identities, settings, (pod, identity, given) => {
        const before = structuredClone(pod);
        const reversed = JSON.parse(JSON.stringify(reverseKeys(pod)));
        expect(planFor(reversed, identity, given).patch).toEqual(planFor(pod, identity, given).patch);
        expect(pod).toEqual(before);
      }),
      { numRuns },
    );
  });

  test('E195: ends in what the decision reports of each container', () => {
    fc.assert(
      fc.property(podArbitrary, identities, settings, (pod, identity, given) => {
        const request = reviewOfCreation(pod, { namespace: 'ns' });
        const found = readSubject(request, given);
        if (found.kind === 'skip') return;
        const answer = { kind: 'identity', identity } as const;
        const judgement = judge(request, found.subject, answer, { injection: given, random: () => 0 });
        if (judgement.injection?.containers.length === 0) return;
        const ends = readEnds(apply(pod, patchOf(judgement)), identity, given.containerCredentials.fullUri);
        const { outcomes, role } = judgement.decision;
        const reported = outcomes.flatMap(group =>
          Array.from({ length: group.count }, () => endOfGroup(group, identity)),
        );
        const expected =
          outcomes.length === 0 ? ends.map(() => endOfGroup({ outcome: 'identity' }, identity)) : reported;
        expect(ends.toSorted()).toEqual(expected.toSorted());
        const roles = new Set(ends.filter(end => end.startsWith('role ')));
        expect(role === '' ? [] : [`role ${role}`]).toEqual(roles.size === 1 ? [...roles] : []);
      }),
      { numRuns },
    );
  });

  test('E35: is the same after the name was filled in, once injected', () => {
    fc.assert(
      fc.property(podArbitrary, identities, fc.string({ minLength: 1 }), (pod, identity, name) => {
        const given = settingsWith({ roleSessionName: 'pod' });
        const once = apply(pod, planFor(pod, identity, given).patch);
        const metadata = typeof once['metadata'] === 'object' ? { ...once['metadata'], name } : { name };
        const labels =
          identity.method === 'container_credentials' ? { 'eks.amazonaws.com/pod-identity': 'enabled' } : {};
        const named = { ...once, metadata: { labels, ...metadata } };
        expect(planFor(named, identity, given).patch).toEqual([]);
      }),
      { numRuns },
    );
  });
});
