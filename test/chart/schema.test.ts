import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { describe, expect, test } from 'vitest';
import { isObject, ownObject, type JsonObject } from '../../src/util/json.ts';
import { chart, refusal } from './helm.ts';

const schema: JsonObject = JSON.parse(await readFile(join(chart, 'values.schema.json'), 'utf8'));
const values: JsonObject = parse(await readFile(join(chart, 'values.yaml'), 'utf8'));

/** Each section that the schema lists, with its path. */
function sections(node: JsonObject, path: readonly string[] = []): readonly { path: string; node: JsonObject }[] {
  const properties = ownObject(node, 'properties');
  if (properties === undefined) return [];
  const below = Object.entries(properties).flatMap(([key, child]) =>
    isObject(child) ? sections(child, [...path, key]) : [],
  );
  return [{ path: path.join('.'), node }, ...below];
}

function at(path: string, value: unknown): object {
  return path === ''
    ? (value as object)
    : (path.split('.').reduceRight<unknown>((inner, key) => ({ [key]: inner }), value) as object);
}

function valueAt(path: string): JsonObject {
  const found =
    path === ''
      ? values
      : path.split('.').reduce<unknown>((node, key) => (isObject(node) ? node[key] : undefined), values);
  return isObject(found) ? found : {};
}

describe('values.schema.json', () => {
  test.each(sections(schema))(
    'lists exactly the keys of values.yaml below "$path", each with a description',
    ({ path, node }) => {
      const properties = ownObject(node, 'properties') ?? {};
      expect(Object.keys(properties)).toEqual(Object.keys(valueAt(path)));
      for (const [key, child] of Object.entries(properties)) {
        expect(isObject(child) && child['description'], `${path}.${key}`).toEqual(expect.stringMatching(/\S.*[.)]$/));
      }
    },
  );

  test.each(sections(schema).filter(({ path }) => path !== 'global'))(
    'refuses a typo below "$path"',
    async ({ path }) => {
      const message = await refusal({ values: at(path, { replicaCuont: 1 }) });
      expect(message).toContain("additional properties 'replicaCuont' not allowed");
      expect(message).toContain(`at '${path === '' ? '' : `/${path.replaceAll('.', '/')}`}'`);
    },
  );

  test.each<{ path: string; value: unknown }>([
    { path: 'replicaCount', value: '2' },
    { path: 'replicaCount', value: -1 },
    { path: 'image.tag', value: 1.1 },
    { path: 'image.digest', value: 'latest' },
    { path: 'image.pullPolicy', value: 'always' },
    { path: 'podLabels', value: { a: 1 } },
    { path: 'tolerations', value: {} },
    { path: 'resources', value: { limit: {} } },
    { path: 'imagePullSecrets', value: [{ nome: 'a' }] },
    { path: 'config.tokenExpiration', value: 599 },
    { path: 'config.ports.webhook', value: 65536 },
    { path: 'config.composeRoleArn.accountId', value: 111122223333 },
    { path: 'config.stsRegionalEndpoint', value: 'true' },
    { path: 'log.level', value: 'trace' },
    { path: 'mutatingWebhook.failurePolicy', value: 'ignore' },
    { path: 'mutatingWebhook.timeoutSeconds', value: 31 },
    { path: 'mutatingWebhook.namespaceSelector', value: { matchLabel: {} } },
    { path: 'mutatingWebhook.matchConditions', value: [{ name: 'a' }] },
    { path: 'validatingAdmissionPolicy.validationActions', value: [] },
    { path: 'pki.selfManaged.caDuration', value: '1y' },
    { path: 'service.type', value: 'ExternalName' },
    { path: 'hostUsers', value: 'yes' },
  ])('refuses $value for $path', async ({ path, value }) => {
    expect(await refusal({ values: at(path, value) })).toContain(`at '/${path.replaceAll('.', '/')}`);
  });
});
