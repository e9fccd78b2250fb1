import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { createReviewer } from '../../../src/admission/reviewer.ts';
import { createLoneContext } from '../../admission/lone-context.ts';
import { AccountSnapshot } from '../../../src/cluster/accounts.ts';
import { parseAssociations } from '../../../src/identity/associations.ts';
import type { IdentityDefaults } from '../../../src/identity/defaults.ts';
import { parseMapping } from '../../../src/identity/mapping.ts';
import { readGoldenCases, settingsOf, type GoldenCase } from '../../support/golden-cases.ts';
import { createTempFolder, type TempFolder } from '../../support/temp-folder.ts';
import { runInProcess } from './run-in-process.ts';

const cases = await readGoldenCases();

const associationsText = '{"identities":[{"namespace":"golden","serviceAccount":"app"}]}';

/** The files that tell the command what a case says of its ServiceAccount, and the case's flags. */
async function argsFor({ account, settings }: GoldenCase, folder: TempFolder): Promise<readonly string[]> {
  const metadata = { name: 'app', namespace: 'golden', annotations: account.annotations };
  const serviceAccount = stringify({ apiVersion: 'v1', kind: 'ServiceAccount', metadata });
  const args = ['--service-accounts', await folder.write('account.yaml', serviceAccount), '-n', 'golden'];
  if (account.mapping !== undefined)
    args.push('--mapping', await folder.write('mapping.json', JSON.stringify(account.mapping)));
  if (account.associated === true)
    args.push('--associations', await folder.write('associations.json', associationsText));
  return [...args, ...settings.flags];
}

async function mutate(given: GoldenCase, input: object, format: string, write = JSON.stringify): Promise<string> {
  await using folder = await createTempFolder();
  const args = await argsFor(given, folder);
  const { code, stdout } = await runInProcess(['mutate', '-f', '-', '-o', format, ...args], write(input));
  expect(code).toBe(0);
  return stdout;
}

/** The webhook's answer, by the reviewer that the server uses. */
async function answerOf({ account, settings }: GoldenCase, review: object): Promise<string> {
  const { identity, composeRoleArn, injection } = settingsOf(settings.flags);
  const { accountId = '', partition = '' } = composeRoleArn;
  const defaults: IdentityDefaults = composeRoleArn.enabled
    ? { ...identity, composeRoleArn: { accountId, partition } }
    : identity;
  const mapping = parseMapping(JSON.stringify(account.mapping ?? {}), defaults.composeRoleArn);
  const associations = parseAssociations(account.associated === true ? associationsText : '');
  if (mapping.kind !== 'mapping' || associations.kind !== 'associations')
    throw new Error('expected readable documents');
  const accounts = new AccountSnapshot({
    mapping: mapping.mapping,
    associations: associations.associations,
    defaults,
  });
  accounts.add({ metadata: { name: 'app', annotations: account.annotations } }, 'golden');
  const reviewer = createReviewer({ identities: accounts, injection, faultResponse: 'error', random: () => 0.5 });
  const answer = await reviewer.review(JSON.stringify(review), createLoneContext(0));
  if (answer.kind !== 'answered') throw new Error(`expected an answer, found ${answer.kind}`);
  return answer.body;
}

async function expected({ folder }: GoldenCase, file: string): Promise<unknown> {
  return JSON.parse(await readFile(join(folder, file), 'utf8'));
}

const objectOf = ({ pod }: GoldenCase): object => ({ apiVersion: 'v1', kind: 'Pod', ...pod });

describe('irsa mutate of a golden pod equals the webhook', () => {
  test.each(cases)('$name: $settings.note', async given => {
    const review = {
      apiVersion: 'admission.k8s.io/v1',
      kind: 'AdmissionReview',
      request: { uid: 'u-1', namespace: 'golden', operation: 'CREATE', object: given.pod },
    };
    expect(await mutate(given, review, 'admissionreview')).toBe(`${await answerOf(given, review)}\n`);
    expect(JSON.parse(await mutate(given, objectOf(given), 'jsonpatch'))).toEqual(
      await expected(given, 'expected-patch.json'),
    );
  });

  test.each(cases)('$name as JSON, as YAML and within a Deployment', async given => {
    const pod = await expected(given, 'expected-pod.json');
    const object = objectOf(given);
    expect(JSON.parse(await mutate(given, object, 'json'))).toMatchObject(Object(pod));
    const texts = await Promise.all([mutate(given, object, 'yaml'), mutate(given, object, 'yaml', stringify)]);
    for (const text of texts) expect(parse(text)).toEqual({ apiVersion: 'v1', kind: 'Pod', ...Object(pod) });
    const deployment = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'app' },
      spec: { template: given.pod },
    };
    expect(parse(await mutate(given, deployment, 'yaml', stringify))).toMatchObject({ spec: { template: pod } });
  });
});
