import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { toSarif } from '../../src/audit/sarif.ts';
import { findingCodes } from '../../src/comparison/finding-kinds.ts';
import { audit, identityOf, injected, pod, withRole } from './support.ts';

/**
 * What sarif-schema-2.1.0.json requires of the properties that we write: the schema has `additionalProperties: false` wherever
 * an object is strict here.
 * https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json
 */
const level = z.enum(['none', 'note', 'warning', 'error']);
const text = z.strictObject({ text: z.string().min(1), markdown: z.string().min(1).optional() });
const uriReference = z.string().refine(uri => URL.canParse(uri, 'file:///'));
const rule = z.strictObject({
  id: z.string(),
  name: z.string(),
  shortDescription: text,
  fullDescription: text,
  help: text,
  defaultConfiguration: z.strictObject({ level }),
});
const location = z.strictObject({
  physicalLocation: z.strictObject({ artifactLocation: z.strictObject({ uri: uriReference }) }),
  logicalLocations: z.array(z.strictObject({ name: z.string(), kind: z.string(), fullyQualifiedName: z.string() })),
});
const result = z.strictObject({
  ruleId: z.string(),
  ruleIndex: z.int().min(-1),
  level,
  message: text,
  locations: z.array(location).min(1),
  partialFingerprints: z.record(z.string(), z.string()),
  properties: z.record(z.string(), z.unknown()),
});
const log = z.strictObject({
  $schema: z.url(),
  version: z.literal('2.1.0'),
  runs: z.array(
    z.strictObject({
      tool: z.strictObject({
        driver: z.strictObject({
          name: z.string(),
          version: z.string(),
          semanticVersion: z.string(),
          rules: z.array(rule),
        }),
      }),
      invocations: z.array(z.strictObject({ executionSuccessful: z.boolean(), endTimeUtc: z.iso.datetime() })),
      columnKind: z.enum(['utf16CodeUnits', 'unicodeCodePoints']),
      results: z.array(result),
    }),
  ),
});

const odd = 'a b/\u{1f600}\ud800%';

describe('toSarif()', () => {
  test.each([
    { what: 'no findings', report: audit([injected(pod())]), count: 0 },
    {
      what: 'findings of each severity',
      report: audit([pod(), injected(pod({ name: 'old' }), identityOf('old'))], {
        accounts: { app: withRole('app'), idle: withRole('idle', { 'token-expiration': 'x' }) },
      }),
      count: 4,
    },
    { what: 'names that no URI takes as they are', report: audit([pod({ name: odd })]), count: 1 },
  ])('gives what the schema of SARIF requires for $what', ({ report, count }) => {
    const [run] = log.parse(toSarif(report, '1.2.3')).runs;
    expect(run?.results).toHaveLength(count);
    const rules = run?.tool.driver.rules ?? [];
    expect(rules.map(({ id }) => id)).toEqual([...findingCodes]);
    for (const { ruleId, ruleIndex } of run?.results ?? []) expect(rules[ruleIndex]?.id).toBe(ruleId);
    const levels = { error: 'error', warning: 'warning', info: 'note' } as const;
    expect(run?.results.map(found => found.level)).toEqual(report.findings.map(({ severity }) => levels[severity]));
  });

  test('tells results apart by their fingerprints, and keeps these when other pods have the same', () => {
    const fingerprints = (pods: Parameters<typeof audit>[0]): unknown =>
      log.parse(toSarif(audit(pods), '1')).runs[0]?.results.map(found => found.partialFingerprints);
    const owned = (name: string): object => ({ ownerReferences: [{ kind: 'StatefulSet', name, controller: true }] });
    const [a, b, c] = ['db', 'db', 'web'].map((owner, index) =>
      pod({ name: `${owner}-${index}`, metadata: owned(owner) }),
    );
    if (a === undefined || b === undefined || c === undefined) throw new Error('expected three pods');
    expect(fingerprints([a])).toEqual(fingerprints([b]));
    expect(fingerprints([a])).not.toEqual(fingerprints([c]));
  });
});
