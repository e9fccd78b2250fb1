import { describe, expect, test } from 'vitest';
import type { Leaf } from '../../../src/certificates/self-managed/serving-leaf.ts';
import { findHealth, type HealthFacts } from '../../../src/certificates/self-managed/self-managed-certificates.ts';
import type { PublishedBundle } from '../../../src/certificates/self-managed/webhook-configuration.ts';
import { leafValidity } from '../../../src/certificates/self-managed/authority.ts';
import { authority, leafDurationMs, madeMs } from './authorities.ts';

const issuer = authority('issuer');
const endMs = madeMs + leafDurationMs;
const serving = { certificate: '', key: '', notAfterMs: endMs, fingerprint: 'leaf' };
const leaf: Leaf = { serving, validity: leafValidity(madeMs, leafDurationMs, issuer), issuer, renewAtMs: endMs };
const configuration = 'the MutatingWebhookConfiguration irsa-webhook';

function bundle(...entries: readonly (readonly string[])[]): PublishedBundle {
  return {
    resourceVersion: '1',
    entries: entries.map((names, index) => {
      return { index, isDamaged: false, trusted: new Map(names.map(name => [name, authority(name)])) };
    }),
  };
}

const rows: readonly (Partial<HealthFacts> & { readonly name: string; readonly expected: string | undefined })[] = [
  { name: 'everything is well', expected: undefined },
  { name: 'nothing has been read', leaf: undefined, expected: 'the certificate authority has not been read yet' },
  { name: 'the Secret cannot be read', leaf: undefined, problem: 'forbidden', expected: 'forbidden' },
  { name: 'the Secret cannot be read any more', problem: 'forbidden', expected: undefined },
  { name: 'the configuration cannot be read any more', configurationProblem: 'forbidden', expected: undefined },
  { name: 'the certificate is JUST valid', nowMs: endMs - 1, expected: undefined },
  {
    name: 'the certificate has JUST expired (E141)',
    nowMs: endMs,
    expected: 'the served certificate expired at 2026-12-01T00:00:00.000Z',
  },
  {
    name: 'the certificate has expired since the Secret cannot be read',
    nowMs: endMs,
    problem: 'forbidden',
    expected: 'the served certificate expired at 2026-12-01T00:00:00.000Z: forbidden',
  },
  { name: 'the configuration has not been read', found: 'unread', expected: `${configuration} has not been read yet` },
  {
    name: 'the configuration cannot be read',
    found: 'unread',
    configurationProblem: 'forbidden',
    expected: `${configuration} has not been read yet: forbidden`,
  },
  { name: 'there is no configuration', found: 'missing', expected: `expected a ${configuration.slice(4)}, found none` },
  {
    name: 'there is no entry of ours',
    found: bundle(),
    expected: `expected an entry for the Service irsa-system/irsa-webhook in ${configuration}, found none`,
  },
  {
    name: 'one of our entries lacks our authority',
    found: bundle(['issuer'], ['other']),
    expected: `the caBundle in ${configuration} lacks the authority of the served certificate`,
  },
  {
    name: 'our entries trust more than our authority',
    found: bundle(['other', 'issuer'], ['issuer']),
    expected: undefined,
  },
];

describe('findHealth()', () => {
  test.each(rows)('gives $expected when $name', ({ name: _name, expected, ...facts }) => {
    const health = findHealth({
      leaf,
      found: bundle(['issuer']),
      problem: undefined,
      configurationProblem: undefined,
      configuration: 'irsa-webhook',
      service: { namespace: 'irsa-system', name: 'irsa-webhook' },
      nowMs: madeMs,
      ...facts,
    });
    expect(health).toEqual(expected === undefined ? { kind: 'healthy' } : { kind: 'unhealthy', detail: expected });
  });
});
