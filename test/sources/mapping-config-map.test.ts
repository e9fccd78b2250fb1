import { beforeEach, describe, expect, test } from 'vitest';
import { MappingConfigMap, mappingResource } from '../../src/sources/mapping-config-map.ts';
import type { Log } from '../../src/util/log.ts';
import type { JsonObject } from '../../src/util/json.ts';

let lines: string[];
let mapping: MappingConfigMap;

beforeEach(() => {
  lines = [];
  const note = (level: string) => (message: string) => void lines.push(`${level} ${message}`);
  const log: Log = { debug: note('debug'), info: note('info'), warn: note('warn'), error: note('error') };
  mapping = new MappingConfigMap({ namespace: 'eks', name: 'pod-identity-webhook', composeWith: undefined, log });
});

const roles = (role: string): string =>
  JSON.stringify({ 'shop/api': { RoleARN: `arn:aws:iam::111122223333:role/${role}` } });

function configMap(config: string | undefined, name = 'pod-identity-webhook'): JsonObject {
  return { metadata: { name, resourceVersion: '1' }, data: config === undefined ? {} : { config } };
}

function change(type: 'ADDED' | 'MODIFIED' | 'DELETED', object: JsonObject): void {
  mapping.applied({ kind: 'change', type, object, resourceVersion: '2' });
}

function list(...objects: readonly JsonObject[]): void {
  mapping.begin();
  for (const object of objects) mapping.item(object);
  mapping.commit();
}

const role = (): string | undefined => mapping.current().find('shop', 'api')?.roleArn.split('/')[1];

describe('MappingConfigMap', () => {
  test('has no mapping before the list, and when the list is empty', () => {
    expect(mapping.current().size).toBe(0);
    list();
    expect(mapping.current().size).toBe(0);
    expect(lines).toEqual([]);
  });

  test('takes the listed ConfigMap when the list is complete', () => {
    mapping.begin();
    mapping.item(configMap(roles('a')));
    expect(role()).toBeUndefined();
    mapping.commit();
    expect(role()).toBe('a');
  });

  test.each([
    { name: 'a changed document', act: () => change('MODIFIED', configMap(roles('b'))), expected: 'b' },
    { name: 'a removed data.config', act: () => change('MODIFIED', configMap(undefined)), expected: undefined },
    {
      name: 'a ConfigMap without data',
      act: () => change('MODIFIED', { metadata: configMap('')['metadata'] }),
      expected: undefined,
    },
    { name: 'a deleted ConfigMap', act: () => change('DELETED', configMap(roles('a'))), expected: undefined },
    { name: 'a list that lacks it', act: () => list(), expected: undefined },
  ])('replaces the mapping after $name (E60)', ({ act, expected }) => {
    list(configMap(roles('a')));
    act();
    expect(role()).toBe(expected);
  });

  test('drops the entries that a new document lacks', () => {
    list(configMap('{"shop/api":{"RoleARN":"a"},"shop/web":{"RoleARN":"b"}}'));
    change('MODIFIED', configMap('{"shop/web":{"RoleARN":"b"}}'));
    expect(mapping.current().size).toBe(1);
    expect(role()).toBeUndefined();
  });

  test.each(['not JSON', '[]', 'null', '"text"', ''])(
    'keeps the last good mapping while the document is %j, and takes the mended one (E57, E60)',
    broken => {
      list(configMap(roles('a')));
      change('MODIFIED', configMap(broken));
      expect(role()).toBe('a');
      expect(mapping.problems()).toBe(1);
      expect(lines.at(-1)).toBe('warn Mapping cannot be read, the last good one stays in force.');
      change('MODIFIED', configMap('{}'));
      expect(role()).toBeUndefined();
      expect(mapping.problems()).toBe(0);
    },
  );

  test('starts without a mapping when the document cannot be read (E57)', () => {
    list(configMap('not JSON'));
    expect(mapping.current().size).toBe(0);
    expect(lines).toEqual(['warn Mapping cannot be read, the last good one stays in force.']);
  });

  test('loses only the entries that cannot be read, and warns of each up to ten (E57)', () => {
    const broken = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`no-slash-${index}`, null]));
    list(configMap(JSON.stringify({ ...broken, 'shop/api': { RoleARN: 'arn:aws:iam::111122223333:role/a' } })));
    expect(role()).toBe('a');
    expect(mapping.problems()).toBe(30);
    expect(lines.filter(line => line.startsWith('warn'))).toHaveLength(10);
  });

  test('parses once for each change', () => {
    list(configMap(roles('a')));
    const first = mapping.current();
    change('MODIFIED', configMap(roles('a')));
    list(configMap(roles('a')));
    expect(mapping.current()).toBe(first);
    expect(lines).toEqual(['info Mapping replaced.']);
  });

  test('lets other ConfigMaps pass (E63)', () => {
    list(configMap(roles('other'), 'other'), configMap(roles('a')));
    change('MODIFIED', configMap(roles('other'), 'other'));
    change('DELETED', configMap(roles('other'), 'other'));
    expect(role()).toBe('a');
  });

  test('lacks a ConfigMap that was deleted while the list was streamed', () => {
    mapping.begin();
    mapping.item(configMap(roles('a')));
    mapping.itemDeleted(configMap(roles('a')));
    mapping.commit();
    expect(role()).toBeUndefined();
  });
});

test('mappingResource() selects exactly one name (E63)', () => {
  expect(mappingResource('eks', 'pod-identity-webhook')).toMatchObject({
    path: '/api/v1/namespaces/eks/configmaps',
    query: { fieldSelector: 'metadata.name=pod-identity-webhook' },
    permissionHint: 'the Role in namespace eks needs get, list and watch on configmaps',
  });
});
