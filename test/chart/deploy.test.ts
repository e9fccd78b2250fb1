import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { findTool } from '../../scripts/tools/tool.ts';
import { parseMapping } from '../../src/identity/mapping.ts';
import { find, parseObjects, render } from './helm.ts';
import { validateObject } from './validate-object.ts';

const deploy = join(import.meta.dirname, '..', '..', 'deploy');

async function objectsOf(path: string): Promise<ReturnType<typeof parseObjects>> {
  return parseObjects(await readFile(join(deploy, path), 'utf8'));
}

describe('deploy/', () => {
  test.each(['install.yaml', 'example/application.yaml', 'example/mapping.yaml'])(
    '%s holds valid objects',
    async path => {
      for (const object of await objectsOf(path)) {
        await expect(validateObject(object), object.kind).resolves.toBeUndefined();
      }
    },
  );

  test('install.yaml is the chart, in a namespace where only restricted pods may run', async () => {
    const [namespace, ...objects] = await objectsOf('install.yaml');
    expect(namespace).toMatchObject({ kind: 'Namespace', metadata: { name: 'irsa-system' } });
    const rendered = (await render()).filter(({ metadata }) => !metadata.name.endsWith('-test'));
    const specs = (of: typeof objects): readonly unknown[] =>
      of.map(({ kind, rules, webhooks }) => ({ kind, rules, webhooks }));
    expect(specs(objects)).toEqual(specs(rendered));
    expect(JSON.stringify(objects)).not.toMatch(/helm/i);
  });

  test('is a base for Kustomize', async () => {
    const { stdout } = await promisify(execFile)(findTool('kubectl'), ['kustomize', deploy], { encoding: 'utf8' });
    const kinds = (objects: readonly { kind: string }[]): readonly string[] =>
      objects.map(({ kind }) => kind).toSorted();
    expect(kinds(parseObjects(stdout))).toEqual(kinds(await objectsOf('install.yaml')));
  });

  test('example/mapping.yaml is read without a problem, where the webhook looks for it', async () => {
    const object = find(await objectsOf('example/mapping.yaml'), 'ConfigMap');
    expect(object.metadata).toMatchObject({ name: 'pod-identity-webhook', namespace: 'irsa-system' });
    const parsed = parseMapping((object['data'] as { config: string }).config);
    if (parsed.kind !== 'mapping') throw new Error(parsed.detail);
    expect(parsed.problems).toEqual([]);
    expect(parsed.mapping.find('irsa-example', 'app')).toMatchObject({ roleArn: 'arn:aws:iam::111122223333:role/app' });
    expect(parsed.mapping.find('team-a', 'anything')).toMatchObject({ expirationSeconds: 3600, regionalSts: true });
  });
});
