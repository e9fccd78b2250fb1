import { describe, expect, test } from 'vitest';
import { recogniseHook } from '../../src/cluster/registration.ts';
import type { JsonObject } from '../../src/util/json.ts';
import { find } from '../chart/helm.ts';
import { awsManifests, managedRegistration, otherRegistration, ourManifests } from './manifests.ts';

const kind = 'MutatingWebhookConfiguration';
const at = (url: string): JsonObject => ({ clientConfig: { url } });

describe('recogniseHook()', () => {
  test('knows our manifests, and whom the API server calls', async () => {
    expect(recogniseHook(find(await ourManifests(), kind))).toMatchObject({
      kind: 'ours',
      configuration: 'irsa-webhook',
      service: { namespace: 'irsa-system', name: 'irsa-webhook', path: '/mutate', port: 443 },
      entries: [{ role: 'all' }, { role: 'require' }],
    });
  });

  test("knows the AWS webhook's manifests", () => {
    expect(recogniseHook(find(awsManifests(), kind))).toMatchObject({
      kind: 'aws',
      service: { namespace: 'eks', name: 'pod-identity-webhook', path: '/mutate', port: 443 },
    });
  });

  test('knows what EKS manages', () => {
    expect(recogniseHook(managedRegistration)).toMatchObject({
      kind: 'managed',
      configuration: 'pod-identity-webhook',
      service: undefined,
      entries: [{ url: 'https://127.0.0.1:23443/mutate' }],
    });
  });

  test.each<{ what: string; configuration: JsonObject; expected: string | undefined }>([
    {
      what: 'ours under another name, by its label',
      configuration: {
        metadata: { name: 'identity', labels: { 'app.kubernetes.io/part-of': 'irsa-webhook' } },
        webhooks: [{ name: 'a', ...at('https://127.0.0.1:1/') }],
      },
      expected: 'ours',
    },
    {
      what: 'ours without labels, by its second entry',
      configuration: {
        metadata: { name: 'identity' },
        webhooks: [{ name: 'require.pod-identity-webhook.amazonaws.com', ...at('https://webhook.example.com/') }],
      },
      expected: 'ours',
    },
    {
      what: 'the AWS webhook beside an API server, as HyperShift runs it',
      configuration: {
        metadata: { name: 'aws-pod-identity' },
        webhooks: [{ name: 'pod-identity-webhook.amazonaws.com', ...at('https://127.0.0.1:4443/mutate') }],
      },
      expected: 'managed',
    },
    {
      what: 'a configuration of that name without entries',
      configuration: { metadata: { name: 'pod-identity-webhook' } },
      expected: undefined,
    },
    { what: 'an empty object', configuration: {}, expected: undefined },
    { what: "somebody else's", configuration: otherRegistration, expected: undefined },
    {
      what: 'a name that only ends like ours',
      configuration: { metadata: { name: 'x' }, webhooks: [{ name: 'not-pod-identity-webhook.amazonaws.com' }] },
      expected: undefined,
    },
    {
      what: 'entries that are no objects',
      configuration: { metadata: { name: 'pod-identity-webhook' }, webhooks: [null, 1, 'x'] },
      expected: undefined,
    },
  ])('says $expected of $what', ({ configuration, expected }) => {
    expect(recogniseHook(configuration)?.kind).toBe(expected);
  });
});
