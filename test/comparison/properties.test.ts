import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { comparePod, type Comparison } from '../../src/comparison/compare-pod.ts';
import type { ComparisonBasis } from '../../src/comparison/comparison-basis.ts';
import { reducePod } from '../../src/comparison/reduced-pod.ts';
import { readRunningPod } from '../../src/comparison/running-pod.ts';
import { planInjection } from '../../src/injection/inject.ts';
import { readPod } from '../../src/injection/pod.ts';
import { noAssociations } from '../../src/identity/associations.ts';
import { emptyMapping } from '../../src/identity/mapping.ts';
import { AccountSnapshot } from '../../src/cluster/accounts.ts';
import { isObject, listAt, textAt, type JsonObject } from '../../src/util/json.ts';
import { defaultsWith } from '../identity/support.ts';
import { podArbitrary } from '../injection/pod-arbitrary.ts';
import { settingsWith } from '../injection/support.ts';
import { injected, withRole } from '../audit/support.ts';

const numRuns = 1_000;
const settings = fc
  .record({
    region: fc.constantFrom('', 'eu-west-1'),
    partialIdentityEnv: fc.constantFrom('complete' as const, 'keep' as const),
  })
  .map(settingsWith);
const defaults = defaultsWith();

/** All accounts have this role, or none has. */
function basisWith(annotations: object, injection: ReturnType<typeof settingsWith>): ComparisonBasis {
  const accounts = new AccountSnapshot({ mapping: emptyMapping, associations: noAssociations, defaults });
  accounts.add({ metadata: { name: 'app', annotations } }, 'default');
  const inputs = accounts.inputsOf({ namespace: 'default', name: 'app' });
  return { inputs, annotations: undefined, associationsKnown: true, template: undefined, injection };
}

function judge(pod: JsonObject, basis: ComparisonBasis): Comparison | undefined {
  const running = readRunningPod(pod, basis.injection);
  return running === undefined ? undefined : comparePod(running, basis);
}

describe('comparePod()', () => {
  test('finds something when a review would still patch the pod', () => {
    fc.assert(
      fc.property(podArbitrary, settings, (pod, injection) => {
        const judgement = judge(pod, basisWith(withRole('app'), injection));
        if (judgement?.identity === undefined || judgement.passedOver) return;
        const plan = planInjection(readPod(pod), judgement.identity, injection, () => 0);
        if (plan.kind === 'inject') expect(judgement.findings).not.toEqual([]);
      }),
      { numRuns },
    );
  });

  test('finds nothing that a restart takes away when the webhook has just let the pod in', () => {
    fc.assert(
      fc.property(podArbitrary, settings, (pod, injection) => {
        const basis = basisWith(withRole('app'), injection);
        const identity = judge(pod, basis)?.identity;
        if (identity === undefined) return;
        const plan = planInjection(readPod(pod), identity, injection, () => 0);
        // A volume of the user's own that bears one of our numbered names cannot be told from ours.
        const takesOurName = listAt(pod, 'spec', 'volumes').some(
          volume => textAt(volume, 'name') === 'aws-iam-token-2',
        );
        if (plan.kind !== 'inject' || plan.volume?.name !== 'aws-iam-token' || takesOurName) return;
        const findings = judge(injected(pod, identity, injection), basis)?.findings ?? [];
        expect(findings.filter(({ restart }) => restart)).toEqual([]);
      }),
      { numRuns },
    );
  });

  test('says the same of a pod that was reduced', () => {
    fc.assert(
      fc.property(podArbitrary, settings, fc.constantFrom(withRole('app'), {}), (pod, injection, annotations) => {
        const basis = basisWith(annotations, injection);
        const reduced: unknown = JSON.parse(JSON.stringify(reducePod(pod, injection)));
        expect(isObject(reduced) ? judge(reduced, basis) : undefined).toEqual(judge(pod, basis));
      }),
      { numRuns },
    );
  });
});
