import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ownerOf } from '../../src/audit/owner.ts';
import type { AuditReport } from '../../src/audit/report.ts';
import { explainPod } from '../../src/explanation/explain-pod.ts';
import { explanationSections, type Mark } from '../../src/explanation/explanation-sections.ts';
import type { Explanation } from '../../src/explanation/explanation.ts';
import { isObject, type JsonObject } from '../../src/util/json.ts';
import { answerOf, reviewerWith, reviewOf } from '../admission/support.ts';
import { audit, knowledgeOf, type World } from '../audit/support.ts';
import { createdFrom } from './created-pod.ts';
import { cases } from './cases.ts';
import { layoutCases } from './layout-cases.ts';
import { worldArbitrary } from './world-arbitrary.ts';

/**
 * One rule for `explain`, `audit` and the webhook:
 *
 * 1. Both report the same findings of a pod that runs.
 * 2. `explain` is ✓ exactly where `audit` finds no error and no warning, and there is an identity.
 * 3. No line of an explanation is worse than its verdict.
 * 4. Where a command is given, the pod that the webhook creates from the template has none of what it is given for.
 * 5. A template is ✓ exactly where the pod that the webhook creates from it is.
 */
function expectOneRule(pod: JsonObject, world: World): void {
  const report = audit([pod], world);
  const explanation = explainIn(pod, world, 'running');
  const ofPod = report.findings.filter(({ pods }) => pods.length > 0);
  expect(textsOf(explanation.findings)).toEqual(textsOf(ofPod));
  const isSerious = explanation.findings.some(({ severity }) => severity !== 'info');
  const hasNone = explanation.verdict.identity === 'none' || explanation.verdict.identity === 'refused';
  expect(explanation.verdict.verdict === 'ok').toBe(!isSerious && !hasNone);
  expectNoLineWorse(explanation);
  if (world.template !== undefined) expectRemediesHelp(report, world, world.template);
}

const textsOf = (findings: readonly { readonly code: string; readonly detail: string }[]): readonly string[] =>
  findings.map(({ code, detail }) => `${code} ${detail}`).sort();

const order: readonly Mark[] = ['yes', 'warn', 'no'];
const weight = (mark: Mark | undefined): number => (mark === undefined ? -1 : order.indexOf(mark));

function expectNoLineWorse(explanation: Explanation): void {
  const sections = explanationSections(explanation).filter(({ title }) => title !== 'Next');
  const marks = sections.flatMap(({ lines }) => lines.map(({ mark }) => mark));
  const worst = Math.max(...marks.slice(0, -1).map(weight));
  expect(weight(marks.at(-1))).toBeGreaterThanOrEqual(worst);
}

function expectRemediesHelp(report: AuditReport, world: World, template: JsonObject): void {
  const renewed = audit([createdFrom(template, world)], world);
  const left = new Set(renewed.findings.map(({ code, containers }) => `${code} ${containers.join()}`));
  for (const { code, containers, remedy } of report.findings) {
    if (remedy.commands.length > 0) expect(left).not.toContain(`${code} ${containers.join()}`);
  }
}

/** The explanation of a pod that runs, or of what pods are created from. */
function explainIn(pod: JsonObject, world: World, what: 'running' | 'template'): Explanation {
  const { settings, inputs, answer } = knowledgeOf(pod, world);
  const associationsKnown = world.associations !== undefined;
  const facts = { serviceAccount: undefined, mapping: undefined, accountChangedSince: undefined };
  const running = { ...facts, owner: ownerOf(pod, 'ns'), template: world.template };
  return explainPod({
    subject: { kind: 'Pod', namespace: 'ns', name: 'web' },
    pod,
    account: { inputs, answer, annotations: undefined, unseen: {}, associationsKnown },
    settings,
    origins: new Map(),
    ...(what === 'running' ? { running } : {}),
  });
}

describe('explain, audit and the webhook', () => {
  const running = [...cases, ...layoutCases].flatMap(({ when, pods, world = {} }) =>
    pods.map(pod => ({ when, pod, world })),
  );

  test('have many pods to agree about', () => {
    expect(running.length).toBeGreaterThan(60);
  });

  test.each(running)('E213: agree when $when', ({ pod, world }) => {
    const isOver =
      isObject(pod['status']) && pod['status']['phase'] !== 'Running' && pod['status']['phase'] !== 'Pending';
    const isDeleted = isObject(pod['metadata']) && 'deletionTimestamp' in pod['metadata'];
    if (!isOver && !isDeleted) expectOneRule(pod, world);
  });

  test('E214: agree about any pod, what it was created from, and any account', () => {
    fc.assert(
      fc.property(worldArbitrary, ({ template, running: pod, world }) => {
        expectOneRule(pod, { ...world, template });
        expectOneRule(pod, world);
        expectSameOfTemplate(template, world);
      }),
      { numRuns: 1_500, seed: 20_261_130 },
    );
  });
});

function expectSameOfTemplate(template: JsonObject, world: World): void {
  const { settings, answer } = knowledgeOf(template, world);
  const known = { ...world, template };
  const explanation = explainIn(template, known, 'template');
  const reviewer = reviewerWith({ identities: { identityOf: () => answer }, injection: settings });
  const answered = answerOf(reviewer, reviewOf({ namespace: 'ns', object: template }));
  if (answered.kind !== 'answered') throw new Error(`expected an answer, found ${answered.kind}`);
  expect(explanation.verdict).toMatchObject({ outcome: answered.decision.outcome, reason: answered.decision.reason });
  if (answered.decision.outcome === 'denied') return;
  const created = explainIn(createdFrom(template, world), known, 'running');
  expect(explanation.verdict.verdict).toBe(created.verdict.verdict);
  expectNoLineWorse(explanation);
}
