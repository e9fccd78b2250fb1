import { describe, expect, test } from 'vitest';
import { find, render, type KubernetesObject, type RenderOptions } from './helm.ts';

interface Hook {
  readonly name: string;
  readonly failurePolicy: string;
  readonly timeoutSeconds: number;
  readonly clientConfig: { readonly caBundle?: string };
  readonly objectSelector: { readonly matchExpressions: readonly object[]; readonly matchLabels?: object };
  readonly namespaceSelector: object;
  readonly matchConditions?: readonly { readonly name: string; readonly expression: string }[];
  readonly rules: readonly object[];
}

async function renderRegistration(options: RenderOptions = {}): Promise<KubernetesObject> {
  return find(await render(options), 'MutatingWebhookConfiguration');
}

async function renderHooks(options: RenderOptions = {}): Promise<readonly Hook[]> {
  return (await renderRegistration(options))['webhooks'] as Hook[];
}

async function namesOfConditions(options: RenderOptions): Promise<readonly string[]> {
  return (await renderHooks(options))[0]?.matchConditions?.map(({ name }) => name) ?? [];
}

const skip = { key: 'eks.amazonaws.com/skip-pod-identity-webhook', operator: 'DoesNotExist' };
const requireKey = 'eks.amazonaws.com/require-pod-identity';
const ownNamespace = {
  matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: ['irsa-system'] }],
};

describe('the registration', () => {
  test('ignores faults for all pods, but not for those that require an identity', async () => {
    const shared = {
      admissionReviewVersions: ['v1', 'v1beta1'],
      matchPolicy: 'Equivalent',
      reinvocationPolicy: 'IfNeeded',
      sideEffects: 'None',
      namespaceSelector: ownNamespace,
      rules: [
        { operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'], scope: 'Namespaced' },
      ],
    };
    expect(await renderHooks()).toMatchObject([
      {
        name: 'pod-identity-webhook.amazonaws.com',
        failurePolicy: 'Ignore',
        timeoutSeconds: 5,
        objectSelector: { matchExpressions: [skip, { key: requireKey, operator: 'NotIn', values: ['true'] }] },
        ...shared,
      },
      {
        name: 'require.pod-identity-webhook.amazonaws.com',
        failurePolicy: 'Fail',
        timeoutSeconds: 10,
        objectSelector: { matchExpressions: [{ key: requireKey, operator: 'In', values: ['true'] }] },
        ...shared,
      },
    ]);
  });

  test('has a name of its own: EKS has its own webhook under pod-identity-webhook', async () => {
    expect((await renderRegistration()).metadata.name).toBe('irsa-webhook');
  });

  test('is one entry for all pods without the second', async () => {
    const hooks = await renderHooks({ values: { mutatingWebhook: { require: { enabled: false } } } });
    expect(hooks.map(({ objectSelector }) => objectSelector)).toEqual([{ matchExpressions: [skip] }]);
  });

  test('adds ephemeral containers on demand, never in the way of a debugging session', async () => {
    const hooks = await renderHooks({
      values: { mutatingWebhook: { ephemeralContainers: true, failurePolicy: 'Fail' } },
    });
    expect(hooks[2]).toMatchObject({
      name: 'ephemeral-containers.pod-identity-webhook.amazonaws.com',
      failurePolicy: 'Ignore',
      rules: [{ operations: ['UPDATE'], resources: ['pods/ephemeralcontainers'] }],
    });
  });

  test('knows the skip label of another prefix beside the AWS webhook’s', async () => {
    const [hook] = await renderHooks({ values: { config: { annotationPrefix: 'id.example.com' } } });
    expect(hook?.objectSelector.matchExpressions).toEqual([
      skip,
      { key: 'id.example.com/skip-pod-identity-webhook', operator: 'DoesNotExist' },
      { key: 'id.example.com/require-pod-identity', operator: 'NotIn', values: ['true'] },
    ]);
  });

  test('adds the user’s selectors and conditions to its own', async () => {
    const mine = { key: 'tier', operator: 'Exists' };
    const condition = { name: 'mine', expression: 'true' };
    const selector = { matchExpressions: [mine], matchLabels: { a: 'b' } };
    const mutatingWebhook = { namespaceSelector: selector, objectSelector: selector, matchConditions: [condition] };
    for (const hook of await renderHooks({ values: { mutatingWebhook } })) {
      expect(hook.namespaceSelector).toEqual({
        matchExpressions: [...ownNamespace.matchExpressions, mine],
        matchLabels: { a: 'b' },
      });
      expect(hook.objectSelector).toMatchObject({ matchLabels: { a: 'b' } });
      expect(hook.objectSelector.matchExpressions).toEqual(expect.arrayContaining([mine]));
      expect(hook.matchConditions).toHaveLength(3);
      expect(hook.matchConditions?.[2]).toEqual(condition);
    }
  });

  test.each<{ where: string; options: RenderOptions; selector: object; conditions: readonly string[] }>([
    { where: 'its own namespace', options: {}, selector: ownNamespace, conditions: [] },
    {
      where: 'another namespace by namespaceOverride',
      options: { values: { namespaceOverride: 'irsa-system' }, namespace: 'other' },
      selector: ownNamespace,
      conditions: [],
    },
    {
      where: 'kube-system, where others need roles',
      options: { namespace: 'kube-system' },
      selector: {},
      conditions: ['not-the-webhook-itself'],
    },
    {
      where: 'a shared namespace',
      options: { values: { mutatingWebhook: { excludeReleaseNamespace: false } } },
      selector: {},
      conditions: ['not-the-webhook-itself'],
    },
  ])('never stands in its own way, in $where (E31)', async ({ options, selector, conditions }) => {
    const [hook] = await renderHooks(options);
    expect(hook?.namespaceSelector).toEqual(selector);
    expect(await namesOfConditions(options)).toEqual(['not-a-mirror-pod', 'has-a-service-account', ...conditions]);
  });

  test('can be without conditions, as the AWS webhook’s', async () => {
    const [hook] = await renderHooks({ values: { mutatingWebhook: { defaultMatchConditions: false } } });
    expect(hook).not.toHaveProperty('matchConditions');
  });

  test('leaves the bundle to whoever publishes it, and has it given in the other modes', async () => {
    const pem = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';
    for (const hook of await renderHooks()) expect(hook.clientConfig).not.toHaveProperty('caBundle');
    const certManager = { values: { pki: { certManager: { enabled: true } } } };
    for (const hook of await renderHooks(certManager)) expect(hook.clientConfig).not.toHaveProperty('caBundle');
    expect((await renderRegistration(certManager)).metadata['annotations']).toEqual({
      'cert-manager.io/inject-ca-from': 'irsa-system/irsa-webhook',
    });
    const [hook] = await renderHooks({ values: { pki: { existingSecret: 'mine', caBundle: pem } } });
    expect(Buffer.from(hook?.clientConfig.caBundle ?? '', 'base64').toString()).toBe(pem);
  });
});

describe('the policy for the final state', () => {
  test('is about the same pods as the second entry', async () => {
    const objects = await render({ values: { validatingAdmissionPolicy: { enabled: true } } });
    const hook = (find(objects, 'MutatingWebhookConfiguration')['webhooks'] as Hook[])[1];
    const policy = find(objects, 'ValidatingAdmissionPolicy');
    expect(policy['spec']).toMatchObject({
      failurePolicy: 'Fail',
      matchConstraints: { namespaceSelector: hook?.namespaceSelector, objectSelector: hook?.objectSelector },
      matchConditions: hook?.matchConditions,
    });
    expect(find(objects, 'ValidatingAdmissionPolicyBinding')['spec']).toEqual({
      policyName: policy.metadata.name,
      validationActions: ['Deny'],
    });
  });
});
