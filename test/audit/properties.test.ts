import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readRunningPod } from '../../src/audit/running-pod.ts';
import { judgePod } from '../../src/audit/judge-pod.ts';
import { reducePod } from '../../src/audit/reduced-pod.ts';
import { planInjection } from '../../src/injection/inject.ts';
import { readPod } from '../../src/injection/pod.ts';
import { noAssociations } from '../../src/identity/associations.ts';
import { emptyMapping } from '../../src/identity/mapping.ts';
import { AccountSnapshot } from '../../src/cluster/accounts.ts';
import { isObject, type JsonObject } from '../../src/util/json.ts';
import { defaultsWith } from '../identity/support.ts';
import { podArbitrary } from '../injection/pod-arbitrary.ts';
import { settingsWith } from '../injection/support.ts';
import { injected, withRole } from './support.ts';

const numRuns = 1_000;
const settings = fc
  .record({
    region: fc.constantFrom('', 'eu-west-1'),
    partialIdentityEnv: fc.constantFrom('complete' as const, 'keep' as const),
  })
  .map(settingsWith);
const defaults = defaultsWith();

/** All accounts have this role, or none has. */
function basisWith(annotations: object, injection: ReturnType<typeof settingsWith>): Parameters<typeof judgePod>[1] {
  const accounts = new AccountSnapshot({ mapping: emptyMapping, associations: noAssociations, defaults });
  accounts.add({ metadata: { name: 'app', annotations } }, 'default');
  const app = { namespace: 'default', name: 'app' };
  const inputsOf = (): ReturnType<typeof accounts.inputsOf> => accounts.inputsOf(app);
  return { accounts: { has: () => true, inputsOf, names: () => [] }, associationsKnown: true, defaults, injection };
}

function judge(pod: JsonObject, basis: Parameters<typeof judgePod>[1]): ReturnType<typeof judgePod> | undefined {
  const running = readRunningPod(pod, basis.injection);
  return running === undefined ? undefined : judgePod(running, basis);
}

describe('judgePod()', () => {
  test('finds something when a review would still patch the pod', () => {
    fc.assert(
      fc.property(podArbitrary, settings, (pod, injection) => {
        const judgement = judge(pod, basisWith(withRole('app'), injection));
        if (judgement?.identity === undefined) return;
        const plan = planInjection(readPod(pod), judgement.identity, injection, () => 0);
        if (plan.kind === 'inject') expect(judgement.findings).not.toEqual([]);
      }),
      { numRuns },
    );
  });

  test('finds nothing missing when the webhook has just let the pod in', () => {
    const missing = new Set(['IRSA001', 'IRSA003', 'IRSA004', 'IRSA010', 'IRSA011', 'IRSA014', 'IRSA015']);
    fc.assert(
      fc.property(podArbitrary, settings, (pod, injection) => {
        const basis = basisWith(withRole('app'), injection);
        const identity = judge(pod, basis)?.identity;
        if (identity === undefined) return;
        const plan = planInjection(readPod(pod), identity, injection, () => 0);
        if (plan.kind !== 'inject' || plan.volume?.name !== 'aws-iam-token') return;
        const findings = judge(injected(pod, identity, injection), basis)?.findings ?? [];
        expect(findings.filter(({ code }) => missing.has(code))).toEqual([]);
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
