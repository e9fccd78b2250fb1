import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fastJsonPatch from 'fast-json-patch';
import { describe, expect, test } from 'vitest';
import type { IdentityDefaults } from '../src/identity/defaults.ts';
import { emptyMapping, parseMapping } from '../src/identity/mapping.ts';
import { resolveIdentity } from '../src/identity/resolve.ts';
import { parseServiceAccountAnnotations } from '../src/identity/service-account-annotations.ts';
import { planFor } from './injection/support.ts';
import { goldenFiles, readGoldenCases, settingsOf, type GoldenCase } from './support/golden-cases.ts';

/** `make golden` sets it: the expected files are written instead of compared. Read the difference before you commit it. */
const isUpdate = process.env['UPDATE_GOLDEN'] === '1';

const cases = await readGoldenCases();

function decide({ account, pod, settings }: GoldenCase) {
  const { identity: flags, injection, composeRoleArn } = settingsOf(settings.flags);
  const { accountId = '', partition = '' } = composeRoleArn;
  const defaults: IdentityDefaults = composeRoleArn.enabled
    ? { ...flags, composeRoleArn: { accountId, partition } }
    : flags;
  const mapping = account.mapping === undefined ? undefined : parseMapping(JSON.stringify(account.mapping));
  const answer = resolveIdentity({
    account: { namespace: 'golden', name: 'app' },
    serviceAccount: parseServiceAccountAnnotations(account.annotations, defaults),
    serviceAccountExists: true,
    mapping: mapping?.kind === 'mapping' ? mapping.mapping : emptyMapping,
    associated: account.associated ?? false,
    defaults,
  });
  if (answer.kind !== 'identity') throw new Error(`expected an identity, found ${answer.kind}`);
  const planned = planFor(pod, answer.identity, injection);
  const applied = fastJsonPatch.applyPatch(structuredClone(pod), structuredClone([...planned.patch]), true).newDocument;
  return { patch: planned.patch, pod: applied, notices: planned.injection.notices };
}

async function matches(folder: string, file: string, found: unknown): Promise<void> {
  const path = join(folder, file);
  if (isUpdate) await writeFile(path, `${JSON.stringify(found, null, 2)}\n`);
  expect(found).toEqual(JSON.parse(await readFile(path, 'utf8')));
}

describe('golden pods', () => {
  test.each(cases)('$name: $settings.note', async given => {
    const { patch, pod, notices } = decide(given);
    await matches(given.folder, 'expected-patch.json', patch);
    await matches(given.folder, 'expected-pod.json', pod);
    await matches(given.folder, 'expected-notices.json', notices);
  });

  test.each(cases)('$name holds no file that nothing reads', async ({ folder }) => {
    expect((await readdir(folder)).toSorted()).toEqual(goldenFiles);
  });
});
