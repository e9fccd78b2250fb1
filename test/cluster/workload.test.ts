import { describe, expect, test } from 'vitest';
import { readContainerSettings } from '../../src/cluster/workload.ts';
import type { JsonObject } from '../../src/util/json.ts';

const origin = 'Deployment irsa/webhook';

function read(container: JsonObject): { readonly texts: Record<string, string>; readonly notes: readonly string[] } {
  const { texts, notes } = readContainerSettings(container, 'irsa', origin);
  return { texts: Object.fromEntries(Array.from(texts, ([name, { text }]) => [name, text])), notes };
}

describe('readContainerSettings()', () => {
  test.each<{ what: string; container: JsonObject; texts: Record<string, string> }>([
    { what: 'no arguments', container: {}, texts: {} },
    {
      what: 'flags in args',
      container: { args: ['--namespace=a', '--port', '9443'] },
      texts: { namespace: 'a', port: '9443' },
    },
    { what: 'flags in the command', container: { command: ['/webhook', '--namespace=a'] }, texts: { namespace: 'a' } },
    {
      what: 'flags in both, of which the later wins',
      container: { command: ['/webhook', '--namespace=a'], args: ['--namespace=b'] },
      texts: { namespace: 'b' },
    },
    { what: 'the subcommand', container: { args: ['serve', '--namespace=a'] }, texts: { namespace: 'a' } },
    {
      what: 'a boolean without value',
      container: { args: ['--watch-config-map'] },
      texts: { 'watch-config-map': 'true' },
    },
    {
      what: 'flags that nobody knows',
      container: { args: ['--nobody-knows=1', '--namespace=a'] },
      texts: { namespace: 'a' },
    },
    { what: 'arguments that are no texts', container: { args: [1, null, '--namespace=a'] }, texts: { namespace: 'a' } },
    {
      what: 'variables, over which flags win',
      container: {
        args: ['--namespace=a'],
        env: [
          { name: 'IRSA_NAMESPACE', value: 'b' },
          { name: 'IRSA_TOKEN_AUDIENCE', value: 'example.com' },
        ],
      },
      texts: { 'token-audience': 'example.com', namespace: 'a' },
    },
    {
      what: 'references to variables',
      container: {
        args: ['--namespace=$(NAMESPACE)', '--token-audience=$(A).$(B)'],
        env: [
          { name: 'NAMESPACE', valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } } },
          { name: 'A', value: 'a' },
          { name: 'B', value: 'b' },
        ],
      },
      texts: { namespace: 'irsa', 'token-audience': 'a.b' },
    },
  ])('reads $what', ({ container, texts }) => {
    expect(read(container)).toEqual({ texts, notes: [] });
  });

  test('says where a text was written', () => {
    const { texts } = readContainerSettings({ args: ['--namespace=a'] }, 'irsa', origin);
    expect(texts.get('namespace')).toEqual({ text: 'a', label: '--namespace of Deployment irsa/webhook' });
  });

  test.each<{ what: string; container: JsonObject; note: string }>([
    {
      what: 'a flag with a variable from elsewhere',
      container: {
        args: ['--token-audience=$(AUDIENCE)'],
        env: [{ name: 'AUDIENCE', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } }],
      },
      note: `${origin}: --token-audience has a value that the manifest does not hold`,
    },
    {
      what: 'an escaped reference',
      container: { args: ['--token-audience=$$(A)'], env: [{ name: 'A', value: 'a' }] },
      note: `${origin}: --token-audience has a value that the manifest does not hold`,
    },
    {
      what: 'a variable from elsewhere',
      container: { env: [{ name: 'IRSA_TOKEN_AUDIENCE', valueFrom: { configMapKeyRef: { name: 'c', key: 'k' } } }] },
      note: `${origin}: IRSA_TOKEN_AUDIENCE has a value that the manifest does not hold`,
    },
    {
      what: 'variables of a whole ConfigMap',
      container: { envFrom: [{ configMapRef: { name: 'c' } }] },
      note: `${origin}: envFrom may set variables IRSA_* that are not seen here`,
    },
  ])('notes $what', ({ container, note }) => {
    expect(read(container)).toEqual({ texts: {}, notes: [note] });
  });
});
