import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { installationChecks, preInstallationChecks, runChecks } from '../../src/checks/run-checks.ts';
import { type Check, type CheckOutcome, createCheckContext, type CheckOptions } from '../../src/checks/check.ts';
import { readerOf } from '../cluster/canned-api-server.ts';
import { answer, refusal } from './changes.ts';
import { startHealthyCluster, type HealthyCluster } from './healthy-cluster.ts';
import { registrationVariations } from './variations-registration.ts';
import { surroundingsVariations } from './variations-surroundings.ts';
import { workloadVariations } from './variations-workload.ts';

const variations = [...registrationVariations, ...workloadVariations, ...surroundingsVariations];
const checks: readonly Check[] = [...installationChecks, ...preInstallationChecks];

async function outcomeOf(
  code: string,
  { api, issuer }: HealthyCluster,
  options: Partial<CheckOptions> = {},
): Promise<CheckOutcome> {
  const check = checks.find(candidate => candidate.code === code);
  if (check === undefined) throw new Error(`expected a check ${code}, found none`);
  const cluster = await readerOf(api);
  const context = createCheckContext({
    cluster,
    version: '0.1.0',
    nowMs: () => Date.now(),
    namespace: undefined,
    issuerCa: issuer.ca,
    environment: issuer.environment,
    ...options,
  });
  const [result] = await runChecks([check], context);
  if (result === undefined) throw new Error('expected a result, found none');
  return result.outcome;
}

describe('irsa check', () => {
  let cluster: HealthyCluster;
  beforeAll(async () => {
    cluster = await startHealthyCluster();
  });
  afterAll(() => cluster[Symbol.asyncDispose]());

  test.each(installationChecks)('$code passes in a healthy cluster', async ({ code }) => {
    const outcome = await outcomeOf(code, cluster);
    expect(outcome).toMatchObject({ status: 'passed' });
  });

  test.each(variations)('$code is $expected when $when', async ({ code, change, expected, detail, options }) => {
    await using changed = await startHealthyCluster();
    change(changed);
    const outcome = await outcomeOf(code, changed, options);
    expect(outcome).toMatchObject({
      status: expected,
      detail: typeof detail === 'string' ? detail : expect.stringMatching(detail),
    });
  });

  test('has a variation that is not well for every check', () => {
    const bad = new Set(variations.filter(({ expected }) => expected !== 'passed').map(({ code }) => code));
    expect(checks.map(({ code }) => code).filter(code => !bad.has(code))).toEqual([]);
  });

  test.each(checks)('$code is skipped when nothing may be read', async ({ code }) => {
    await using changed = await startHealthyCluster();
    changed.api.forbidden.push('/');
    expect(await outcomeOf(code, changed)).toMatchObject({
      status: 'skipped',
      detail: expect.stringContaining('needs'),
    });
  });

  test('rejects where the API server does not let anybody in', async () => {
    await using changed = await startHealthyCluster();
    answer('/version', refusal('Unauthorized'), 401)(changed);
    await expect(outcomeOf('kubernetes-version', changed)).rejects.toMatchObject({ code: 'unauthorized' });
  });
});
