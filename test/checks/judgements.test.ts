// The decisions apart from what they are made of: the limits that a whole cluster cannot be brought to easily.
import { describe, expect, test } from 'vitest';
import { settingsOf } from '../../src/cluster/installed-webhook.ts';
import { judgeVersion } from '../../src/checks/registration.ts';
import { judgeOwnPods } from '../../src/checks/registration-fields.ts';
import { describeRight, rightsFor } from '../../src/checks/rights.ts';
import { judgeToken } from '../../src/checks/token-issuer.ts';
import { tagOf } from '../../src/checks/workload.ts';
import { readEntries } from '../../src/cluster/registration.ts';
import type { JsonObject } from '../../src/util/json.ts';
import { startClusterIssuer } from '../support/issuer-server.ts';

describe('judgeVersion()', () => {
  test.each<{ version: JsonObject; status: string }>([
    { version: { major: '1', minor: '36', gitVersion: 'v1.36.3' }, status: 'passed' },
    { version: { major: '1', minor: '30+', gitVersion: 'v1.30.1-eks-1' }, status: 'passed' },
    { version: { major: '2', minor: '0', gitVersion: 'v2.0.0' }, status: 'passed' },
    { version: { major: '1', minor: '29', gitVersion: 'v1.29.0' }, status: 'warning' },
    { version: { major: '1', minor: '28', gitVersion: 'v1.28.0' }, status: 'warning' },
    { version: { major: '1', minor: '27', gitVersion: 'v1.27.9' }, status: 'failed' },
    { version: { major: '1', minor: '', gitVersion: 'v1' }, status: 'warning' },
    { version: { major: 1, minor: 36 }, status: 'warning' },
    { version: {}, status: 'warning' },
  ])('$status: $version', ({ version, status }) => {
    expect(judgeVersion(version).status).toBe(status);
  });
});

describe('judgeOwnPods()', () => {
  const pods = {
    namespace: 'irsa',
    namespaceLabels: { 'kubernetes.io/metadata.name': 'irsa' },
    labels: { app: 'irsa' },
  };
  const entry = { name: 'hook', failurePolicy: 'Fail' };
  test.each<{ when: string; entry: JsonObject; status: string }>([
    { when: 'nothing leaves them out', entry, status: 'failed' },
    { when: 'errors are ignored', entry: { ...entry, failurePolicy: 'Ignore' }, status: 'warning' },
    {
      when: 'the namespace is left out',
      entry: {
        ...entry,
        namespaceSelector: {
          matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: ['irsa'] }],
        },
      },
      status: 'passed',
    },
    {
      when: 'the pods are left out by a label',
      entry: { ...entry, objectSelector: { matchExpressions: [{ key: 'app', operator: 'NotIn', values: ['irsa'] }] } },
      status: 'passed',
    },
    {
      when: 'a condition names the namespace',
      entry: { ...entry, matchConditions: [{ expression: "request.namespace != 'irsa'" }] },
      status: 'passed',
    },
    {
      when: 'a condition names another namespace',
      entry: { ...entry, matchConditions: [{ expression: "request.namespace != 'other'" }] },
      status: 'failed',
    },
    {
      when: 'only ephemeral containers are concerned',
      entry: { ...entry, rules: [{ resources: ['pods/ephemeralcontainers'] }] },
      status: 'passed',
    },
  ])('$status when $when', ({ entry: written, status }) => {
    expect(judgeOwnPods(readEntries({ webhooks: [written] }), pods).status).toBe(status);
  });
});

describe('tagOf()', () => {
  test.each([
    { image: 'irsa-webhook:1.2.3', tag: '1.2.3' },
    { image: 'registry:5000/team/irsa-webhook:v1.2.3@sha256:abc', tag: '1.2.3' },
    { image: 'registry:5000/team/irsa-webhook', tag: undefined },
    { image: 'irsa-webhook@sha256:abc', tag: undefined },
    { image: '', tag: undefined },
  ])('$tag of $image', ({ image, tag }) => {
    expect(tagOf(image)).toBe(tag);
  });
});

describe('rightsFor()', () => {
  const rights = (flags: Record<string, string>): readonly string[] =>
    rightsFor(
      settingsOf(new Map(Object.entries(flags).map(([name, text]) => [name, { text, label: `--${name}` }]))),
    ).map(describeRight);

  test('needs ServiceAccounts only where certificates are files', () => {
    expect(rights({})).toEqual(['get serviceaccounts', 'list serviceaccounts', 'watch serviceaccounts']);
  });

  test('needs the mapping in the namespace of the webhook', () => {
    expect(rights({ 'watch-config-map': 'true', namespace: 'irsa', 'config-map-name': 'roles' }).slice(3)).toEqual([
      'get configmaps roles in irsa',
      'list configmaps roles in irsa',
      'watch configmaps roles in irsa',
    ]);
  });

  test('needs Secret and registration where it is its own authority, as the chart grants them', () => {
    const registration = 'mutatingwebhookconfigurations.admissionregistration.k8s.io hooks';
    expect(
      rights({
        certificates: 'self-managed',
        namespace: 'irsa',
        'ca-secret': 'ca',
        'webhook-configuration': 'hooks',
      }).slice(3),
    ).toEqual([
      'create secrets in irsa',
      ...['get', 'list', 'watch', 'update'].map(verb => `${verb} secrets ca in irsa`),
      ...['get', 'list', 'watch', 'patch'].map(verb => `${verb} ${registration}`),
    ]);
  });
});

describe('judgeToken()', () => {
  test.each<{
    when: string;
    token: Partial<Parameters<Awaited<ReturnType<typeof startClusterIssuer>>['sign']>[0]>;
    status: string;
  }>([
    { when: 'all agrees', token: {}, status: 'passed' },
    { when: 'the audience is another', token: { audience: 'other' }, status: 'failed' },
    { when: 'the issuer is another', token: { issuer: 'https://other.example.com' }, status: 'failed' },
    { when: 'the key is not published', token: { kid: 'unknown' }, status: 'failed' },
  ])('$status when $when', async ({ token, status }) => {
    await using issuer = await startClusterIssuer();
    const audience = 'sts.amazonaws.com';
    const outcome = await judgeToken(await issuer.sign({ audience, ...token }), {
      keys: issuer.keySet.keys,
      issuer: issuer.url,
      audience,
      nowMs: Date.now(),
    });
    expect(outcome.status).toBe(status);
    expect(outcome.detail).not.toContain('eyJ');
  });
});
