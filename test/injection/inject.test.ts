import { describe, expect, test } from 'vitest';
import { readPod } from '../../src/injection/pod.ts';
import { planEphemeralInjection } from '../../src/injection/inject-ephemeral.ts';
import { toPatch } from '../../src/injection/patch.ts';
import { containerCredentials, planFor, settingsWith, tokenPath, webIdentity } from './support.ts';

describe('planInjection()', () => {
  test.each([
    { name: 'E78: no containers', pod: { spec: { containers: [] } }, reason: 'no_containers' },
    { name: 'E78: null containers', pod: { spec: { containers: null } }, reason: 'no_containers' },
    { name: 'E12: no spec', pod: {}, reason: 'no_containers' },
    { name: 'E12: spec of another type', pod: { spec: 'x' }, reason: 'no_containers' },
    { name: 'E12: containers of another type', pod: { spec: { containers: 'x' } }, reason: 'no_containers' },
    {
      name: 'E12: volumes of another type',
      pod: { spec: { containers: [{}], volumes: 'x' } },
      reason: 'malformed_pod',
    },
    {
      name: 'E12: containers that are no objects',
      pod: { spec: { containers: [null, 5] } },
      reason: 'all_containers_skipped',
    },
    {
      name: 'E12: env of another type',
      pod: { spec: { containers: [{ name: 'a', env: 'x' }] } },
      reason: 'all_containers_skipped',
    },
  ])('leaves the pod as it is when there is: $name', ({ pod, reason }) => {
    expect(planFor(pod)).toMatchObject({ injection: { kind: 'leave', reason }, patch: [] });
  });

  test('E110 E111: treats containers of one name, and those without a name, each by its place', () => {
    const { patch } = planFor({ spec: { containers: [{ name: 'a' }, { name: 'a' }, {}] } });
    const paths = patch.map(operation => operation.path);
    expect(paths).toEqual([
      '/spec/volumes',
      ...[0, 1, 2].flatMap(index => [`/spec/containers/${index}/env`, `/spec/containers/${index}/volumeMounts`]),
    ]);
  });

  test('E112: ignores ephemeral containers when a pod is created', () => {
    const { patch } = planFor({ spec: { containers: [{ name: 'a' }], ephemeralContainers: [{ name: 'debug' }] } });
    expect(patch.some(operation => operation.path.includes('ephemeral'))).toBe(false);
  });

  test('E79: grows with what is added, not with the pod', () => {
    const env = Array.from({ length: 5_000 }, (_, index) => ({ name: `V${index}`, value: 'x'.repeat(400) }));
    const containers = Array.from({ length: 300 }, (_, index) => ({
      name: `c${index}`,
      ...(index === 0 ? { env } : {}),
    }));
    const { patch } = planFor({ spec: { containers } });
    // 300 containers with two variables and a mount each are a few hundred bytes a container, whatever is in the pod.
    expect(JSON.stringify(patch).length).toBeLessThan(300 * 500);
    expect(patch.filter(operation => operation.path.startsWith('/spec/containers/0/'))).toHaveLength(3);
  });

  test.each([
    { random: 0, expected: 79_200 },
    { random: 0.5, expected: 82_800 },
    { random: 1 - Number.EPSILON, expected: 86_400 },
  ])(
    'E126: spreads the default lifetime of container credentials, to $expected when the number is $random',
    ({ random, expected }) => {
      const { injection } = planFor(
        { spec: { containers: [{ name: 'a' }] } },
        containerCredentials,
        settingsWith(),
        () => random,
      );
      expect(injection).toMatchObject({
        volume: { projected: { sources: [{ serviceAccountToken: { expirationSeconds: expected } }] } },
      });
    },
  );

  test.each([
    { name: 'E128 E129: Linux', spec: { securityContext: { fsGroup: 2000 } } },
    { name: 'E136: Windows', spec: { os: { name: 'windows' } } },
  ])('sets neither file modes nor groups: $name', ({ spec }) => {
    const { patch } = planFor({ spec: { containers: [{ name: 'a' }], ...spec } });
    expect(JSON.stringify(patch)).not.toMatch(/defaultMode|fsGroup|securityContext/);
    expect(patch.every(({ path }) => /^\/spec\/(?:volumes|containers\/0\/(?:env|volumeMounts))$/.test(path))).toBe(
      true,
    );
  });

  test('E126: never spreads the lifetime of web identity tokens', () => {
    const { injection } = planFor({ spec: { containers: [{ name: 'a' }] } }, webIdentity, settingsWith(), () => 0);
    expect(injection).toMatchObject({
      volume: { projected: { sources: [{ serviceAccountToken: { expirationSeconds: 86_400 } }] } },
    });
  });

  test.each([
    { name: 'E99: known and fitting', pod: { metadata: { name: 'ab' } }, fieldPath: 'metadata.name' },
    { name: 'E99: 64 characters', pod: { metadata: { name: 'a'.repeat(64) } }, fieldPath: 'metadata.name' },
    { name: 'E99: 65 characters', pod: { metadata: { name: 'a'.repeat(65) } }, fieldPath: 'metadata.uid' },
    { name: 'E99: one character', pod: { metadata: { name: 'a' } }, fieldPath: 'metadata.uid' },
    {
      name: 'E99: yet to be generated',
      pod: { metadata: { generateName: 'x'.repeat(200) } },
      fieldPath: 'metadata.name',
    },
    { name: 'E99: unknown', pod: {}, fieldPath: 'metadata.uid' },
  ])('takes the session name from $fieldPath when the name is: $name', ({ pod, fieldPath }) => {
    const { patch } = planFor(
      { ...pod, spec: { containers: [{ name: 'a' }] } },
      webIdentity,
      settingsWith({ roleSessionName: 'pod' }),
    );
    expect(JSON.stringify(patch)).toContain(
      `{"name":"AWS_ROLE_SESSION_NAME","valueFrom":{"fieldRef":{"fieldPath":"${fieldPath}"}}}`,
    );
  });

  test.each([
    { mountPath: tokenPath },
    { mountPath: `${tokenPath}/` },
    { mountPath: `/${tokenPath}` },
    { mountPath: '/var/./run/secrets/x/../eks.amazonaws.com/serviceaccount' },
  ])('E102: sees that $mountPath is our path', ({ mountPath }) => {
    const { injection, patch } = planFor({
      spec: { containers: [{ name: 'a', volumeMounts: [{ name: 'x', mountPath }] }] },
    });
    expect(injection.notices.map(notice => notice.code)).toEqual(['mount_path_taken']);
    expect(JSON.stringify(patch)).toContain(`"mountPath":"${tokenPath}-2"`);
    expect(JSON.stringify(patch)).toContain(`"value":"${tokenPath}-2/token"`);
  });

  test('E102: sees that a device lies at our path, and that the next paths are taken too', () => {
    const container = {
      name: 'a',
      volumeDevices: [{ name: 'disk', devicePath: tokenPath }],
      volumeMounts: [{ name: 'x', mountPath: `${tokenPath}-2` }],
    };
    expect(JSON.stringify(planFor({ spec: { containers: [container] } }).patch)).toContain(
      `"mountPath":"${tokenPath}-3"`,
    );
  });

  test('E102: mounts nothing elsewhere for a container that gives both variables itself', () => {
    const env = ['AWS_ROLE_ARN', 'AWS_WEB_IDENTITY_TOKEN_FILE'].map(name => ({ name, value: 'mine' }));
    const container = { name: 'a', env, volumeMounts: [{ name: 'x', mountPath: tokenPath }] };
    expect(planFor({ spec: { containers: [container] } })).toMatchObject({
      injection: { kind: 'complete' },
      patch: [],
    });
  });

  test.each([
    { taken: 2, name: 'aws-iam-token-3' },
    { taken: 100, name: 'aws-iam-token-200' },
    { taken: 5_000, name: 'aws-iam-token-5100' },
  ])('E101: calls the volume $name when $taken of our names are taken', ({ taken, name }) => {
    const volumes = Array.from({ length: taken }, (_, index) => ({
      name: index === 0 ? 'aws-iam-token' : `aws-iam-token-${index + 1}`,
      emptyDir: {},
    }));
    const { injection } = planFor({ spec: { containers: [{ name: 'a' }], volumes } });
    expect(injection).toMatchObject({ kind: 'inject', volume: { name }, containers: [{ mount: { name } }] });
  });

  test('E102: takes a path that no container can have for no place at all', () => {
    const mountPath = `/${'/'.repeat(4_096)}${tokenPath}`;
    const volumeMounts = [{ name: 'v', mountPath }];
    const { injection } = planFor({ spec: { containers: [{ name: 'a', volumeMounts }] } });
    expect(injection).toMatchObject({ kind: 'inject', containers: [{ mount: { mountPath: tokenPath } }] });
  });

  test('E103: tells of each read-only parent of our path once, however often it is mounted', () => {
    const parent = (mountPath: string): object => ({ name: 'v', mountPath, readOnly: true });
    const volumeMounts = [parent('/var/run'), parent('/var/run/'), parent('/var'), parent('/var/run'), parent('/usr')];
    const { injection } = planFor({ spec: { containers: [{ name: 'a', volumeMounts }] } });
    expect(injection.notices.map(({ detail }) => /mounts ("[^"]*") read-only/.exec(detail)?.[1])).toEqual([
      '"/var/run"',
      '"/var"',
    ]);
  });

  test('adds the volume that a pod mounts without having it', () => {
    const mount = { name: 'aws-iam-token', mountPath: '/token' };
    const { patch } = planFor({ spec: { containers: [{ name: 'a', volumeMounts: [mount] }] } });
    expect(patch.map(operation => operation.path)).toEqual(['/spec/volumes', '/spec/containers/0/env']);
    expect(JSON.stringify(patch)).toContain('"value":"/token/token"');
  });

  test('E101: finds a free name when several are taken', () => {
    const volumes = ['aws-iam-token', 'aws-iam-token-2'].map(name => ({ name, emptyDir: {} }));
    const { injection } = planFor({ spec: { containers: [{ name: 'a' }], volumes } });
    expect(injection).toMatchObject({ volume: { name: 'aws-iam-token-3' }, notices: [{ code: 'volume_name_taken' }] });
  });

  test.each([
    { name: 'no metadata', pod: {}, path: '/metadata' },
    { name: 'null metadata', pod: { metadata: null }, path: '/metadata' },
    { name: 'no labels', pod: { metadata: {} }, path: '/metadata/labels' },
    { name: 'null labels', pod: { metadata: { labels: null } }, path: '/metadata/labels' },
    {
      name: 'E71: no label',
      pod: { metadata: { labels: {} } },
      path: '/metadata/labels/eks.amazonaws.com~1pod-identity',
    },
  ])('E70 E72: adds the label at $path when there is: $name', ({ pod, path }) => {
    const { patch } = planFor({ ...pod, spec: { containers: [{ name: 'a' }] } }, containerCredentials);
    expect(patch[0]?.path).toBe(path);
  });

  test.each([{ metadata: 'x' }, { metadata: { labels: 'x' } }, { metadata: { labels: [] } }])(
    'E12: adds no label to %j',
    pod => {
      const { patch } = planFor({ ...pod, spec: { containers: [{ name: 'a' }] } }, containerCredentials);
      expect(patch[0]?.path).toBe('/spec/volumes');
    },
  );
});

describe('planEphemeralInjection()', () => {
  const volumes = [
    {
      name: 'aws-iam-token',
      projected: { sources: [{ serviceAccountToken: { audience: 'sts.amazonaws.com', path: 'token' } }] },
    },
  ];
  const old = { spec: { containers: [{ name: 'a' }], ephemeralContainers: [{ name: 'first' }], volumes } };

  function plan(spec: object) {
    const pod = readPod({ spec: { containers: [{ name: 'a' }], volumes, ...spec } });
    const injection = planEphemeralInjection(pod, readPod(old), webIdentity, settingsWith());
    return { injection, patch: injection.kind === 'inject' ? toPatch(pod, injection) : [] };
  }

  test('E29: gives a new ephemeral container variables and mount, and touches nothing else', () => {
    const { patch } = plan({ ephemeralContainers: [{ name: 'first' }, { name: 'debug' }] });
    expect(patch.map(operation => operation.path)).toEqual([
      '/spec/ephemeralContainers/1/env',
      '/spec/ephemeralContainers/1/volumeMounts',
    ]);
  });

  test.each([
    { name: 'nothing new', spec: { ephemeralContainers: [{ name: 'first' }] }, reason: 'no_containers' },
    {
      name: 'no token volume',
      spec: { ephemeralContainers: [{ name: 'debug' }], volumes: [] },
      reason: 'no_token_volume',
    },
  ])('E29: leaves the pod as it is when there is $name', ({ spec, reason }) => {
    expect(plan(spec)).toMatchObject({ injection: { kind: 'leave', reason }, patch: [] });
  });
});
