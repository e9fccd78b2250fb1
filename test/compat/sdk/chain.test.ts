import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import fastJsonPatch from 'fast-json-patch';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Identity } from '../../../src/identity/identity.ts';
import type { JsonObject } from '../../../src/util/json.ts';
import { containerCredentials, planFor, settingsWith, webIdentity } from '../../injection/support.ts';
import { createTempFolder } from '../../support/temp-folder.ts';
import { beside, besideAssociation, partial, type Bearer, type Ends, type Layout } from './layouts.ts';
import { prepareSdk, sdks, type Sdk, type SdkProgram } from './programs.ts';
import { runContainer } from './run-container.ts';
import { ownPassword, startSurroundings } from './surroundings.ts';

const prepareLimitMs = 600_000;

describe.each(sdks)(
  'an application with the AWS SDK of %s finds its own credentials, or those of its ServiceAccount',
  sdk => {
    let program: SdkProgram;
    beforeAll(async () => {
      program = await prepareSdk(sdk);
    }, prepareLimitMs);

    test.for(beside)('E251: beside $name', (layout, { skip }) => check(layout, webIdentity, sdk, program, skip));

    test.for(partial)('E252: with $name', (layout, { skip }) => check(layout, webIdentity, sdk, program, skip));

    test.for(besideAssociation)('E253: with an association beside $name', (layout, { skip }) =>
      check(layout, containerCredentials, sdk, program, skip),
    );
  },
);

/** Runs the application as its author wrote it, and as the webhook leaves it. */
async function check(
  layout: Layout,
  identity: Identity,
  sdk: Sdk,
  program: SdkProgram,
  skip: (note: string) => never,
): Promise<void> {
  if (program.kind === 'unavailable') return skip(program.detail);
  await using home = await createTempFolder();
  await using surroundings = await startSurroundings();
  const at = { home: home.path, url: surroundings.url };
  await writeFiles(layout, home.path);

  const pod = podOf(layout, at);
  const alone = await runContainer(pod, home.path, program, surroundings);
  const injected = await runContainer(inject(pod, identity, at), home.path, program, surroundings);

  const own = identity.method === 'web_identity' ? 'app' : 'agent';
  expect([alone.bearer, own], injected.log).toContain(injected.bearer);
  expect(surroundings.sentToOwn.filter(sent => sent !== undefined && sent !== ownPassword)).toEqual([]);
  expect(alone.bearer, alone.log).toBe(endOf(layout.alone, sdk));
  expect(injected.bearer, injected.log).toBe(endOf(layout.injected, sdk));
}

interface Places {
  readonly home: string;
  readonly url: string;
}

async function writeFiles({ files = {} }: Layout, home: string): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    const path = join(home, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
  }
}

function podOf({ env, ownVolume }: Layout, { home, url }: Places): JsonObject {
  const missing = { secretKeyRef: { name: 'missing', key: 'role', optional: true } };
  const variables = Object.entries(env).map(([name, value]) =>
    value === undefined
      ? { name, valueFrom: missing }
      : { name, value: value.replace('{home}', home).replace('{url}', url) },
  );
  const container = { name: 'application', image: 'application:1', env: variables };
  if (ownVolume === undefined) return { metadata: { name: 'cart' }, spec: { containers: [container] } };
  const sources = [{ serviceAccountToken: { audience: ownVolume, expirationSeconds: 3600, path: 'token' } }];
  const volumeMounts = [{ name: 'own', mountPath: `${home}/own`, readOnly: true }];
  const volumes = [{ name: 'own', projected: { sources } }];
  return { metadata: { name: 'cart' }, spec: { volumes, containers: [{ ...container, volumeMounts }] } };
}

/** The pod as the webhook leaves it, whose token volume is mounted below the home folder. */
function inject(pod: JsonObject, identity: Identity, { home, url }: Places): JsonObject {
  const { webIdentity, containerCredentials } = settingsWith();
  const settings = settingsWith({
    webIdentity: { ...webIdentity, mountPath: join(home, webIdentity.mountPath) },
    containerCredentials: {
      ...containerCredentials,
      mountPath: join(home, containerCredentials.mountPath),
      fullUri: `${url}/agent`,
    },
  });
  const { patch } = planFor(pod, identity, settings);
  return fastJsonPatch.applyPatch(structuredClone(pod), structuredClone([...patch]), true).newDocument;
}

function endOf(ends: Ends, sdk: Sdk): Bearer {
  return typeof ends === 'string' ? ends : (ends[sdk] ?? ends.others);
}
