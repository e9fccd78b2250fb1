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

  const file = `${tokenPath}/token`;
  const elsewhere = '/var/run/secrets-2/eks.amazonaws.com/serviceaccount';
  const readOnlyKinds = ['secret', 'configMap', 'downwardAPI', 'projected', 'image'];
  const mounts: readonly {
    readonly name: string;
    readonly mounts: readonly object[];
    readonly volumes?: readonly object[];
    readonly spec?: object;
    readonly expected: string;
  }[] = [
    {
      name: 'E102: a relative path',
      mounts: [{ name: 'x', mountPath: tokenPath.slice(1) }],
      expected: `${tokenPath}-2`,
    },
    { name: 'E105: the link /run', mounts: [{ name: 'x', mountPath: tokenPath.slice(4) }], expected: `${tokenPath}-2` },
    { name: 'E181: a child', mounts: [{ name: 'x', mountPath: `${tokenPath}/ca.crt` }], expected: `${tokenPath}-2` },
    {
      name: 'E181: a child below the link',
      mounts: [{ name: 'x', mountPath: '/run/secrets/eks.amazonaws.com/serviceaccount/a/b' }],
      expected: `${tokenPath}-2`,
    },
    {
      name: 'E181: children of the next paths too',
      mounts: [`${tokenPath}/a`, `${tokenPath}-2/a`, `${tokenPath}-3/b/c`].map(mountPath => ({ name: 'x', mountPath })),
      expected: `${tokenPath}-4`,
    },
    {
      name: 'E181: a sibling whose name begins alike',
      mounts: [{ name: 'x', mountPath: `${tokenPath}s` }],
      expected: tokenPath,
    },
    {
      name: 'E103: a parent that can be written',
      mounts: [{ name: 'x', mountPath: '/var/run/secrets' }],
      expected: tokenPath,
    },
    ...readOnlyKinds.map(kind => ({
      name: `E184: a parent of kind ${kind}`,
      mounts: [{ name: 'x', mountPath: '/run/secrets' }],
      volumes: [{ name: 'x', [kind]: {} }],
      expected: elsewhere,
    })),
    {
      name: 'E184: a parent whose source is read-only',
      mounts: [{ name: 'x', mountPath: '/var/run/secrets' }],
      volumes: [{ name: 'x', nfs: { server: 's', path: '/', readOnly: true } }],
      expected: elsewhere,
    },
    {
      name: 'E103: several read-only parents, of which the outermost counts',
      mounts: ['/var/run/secrets', '/var', '/var-2/x'].map(mountPath => ({ name: 'x', mountPath, readOnly: true })),
      expected: '/var-3/run/secrets/eks.amazonaws.com/serviceaccount',
    },
    {
      name: 'E103: a read-only /run',
      mounts: [{ name: 'x', mountPath: '/run', readOnly: true }],
      expected: '/var/run-2/secrets/eks.amazonaws.com/serviceaccount',
    },
    { name: 'E185: a read-only root', mounts: [{ name: 'x', mountPath: '/', readOnly: true }], expected: tokenPath },
    {
      name: 'E187: a Windows path',
      mounts: [{ name: 'x', mountPath: 'c:/Var\\run\\secrets/eks.amazonaws.com/serviceaccount' }],
      spec: { os: { name: 'windows' } },
      expected: `${tokenPath}-2`,
    },
    {
      name: 'E187: a Windows path on Linux',
      mounts: [{ name: 'x', mountPath: 'C:\\var\\run\\secrets\\eks.amazonaws.com\\serviceaccount' }],
      expected: tokenPath,
    },
    {
      name: 'E187: another drive',
      mounts: [{ name: 'x', mountPath: 'D:\\var\\run\\secrets\\eks.amazonaws.com\\serviceaccount' }],
      spec: { os: { name: 'windows' } },
      expected: tokenPath,
    },
  ];
  test.each(mounts)(
    'mounts the token at $expected when there is: $name',
    ({ mounts: volumeMounts, volumes, spec, expected }) => {
      const { injection } = planFor({ spec: { containers: [{ name: 'a', volumeMounts }], volumes, ...spec } });
      expect(injection).toMatchObject({ kind: 'inject', containers: [{ mount: { mountPath: expected } }] });
    },
  );

  test('E103: mounts nothing below a read-only parent for a container that gives both variables itself', () => {
    const env = ['AWS_ROLE_ARN', 'AWS_WEB_IDENTITY_TOKEN_FILE'].map(name => ({ name, value: 'mine' }));
    const volumeMounts = [{ name: 'x', mountPath: '/var/run/secrets', readOnly: true }];
    expect(planFor({ spec: { containers: [{ name: 'a', env, volumeMounts }] } })).toMatchObject({ patch: [] });
  });

  const named = [
    { name: 'AWS_ROLE_ARN', value: 'arn:aws:iam::111122223333:role/app' },
    { name: 'AWS_WEB_IDENTITY_TOKEN_FILE', value: file },
  ];
  const moved = { name: 'aws-iam-token', mountPath: `/sidecar${tokenPath}` };
  const settled = [
    ...named,
    { name: 'AWS_REGION', value: 'eu-west-1' },
    { name: 'AWS_STS_REGIONAL_ENDPOINTS', value: 'regional' },
  ];
  test.each([
    { name: 'mounts it elsewhere', container: { env: named, volumeMounts: [moved] }, added: true },
    { name: 'sets all groups and mounts nothing', container: { env: settled }, added: true },
    {
      name: 'has the mount',
      container: { env: named, volumeMounts: [{ ...moved, mountPath: tokenPath }] },
      added: false,
    },
    {
      name: 'has another volume there',
      container: { env: named, volumeMounts: [{ name: 'x', mountPath: tokenPath }] },
      added: false,
    },
  ])('E186: adds the mount: $added, when the container names our token file and $name', ({ container, added }) => {
    const { patch } = planFor({ spec: { containers: [{ name: 'a', ...container }] } });
    const paths = patch.flatMap(({ value }) => JSON.stringify(value).match(/"mountPath":"([^"]*)"/)?.[1] ?? []);
    expect(paths).toEqual(added ? [tokenPath] : []);
  });

  test.each([
    { mountPath: tokenPath, subPath: '' },
    { mountPath: file, subPath: 'token' },
  ])('E179: adds the role to our file at $mountPath, when the mount is there and its volume is to be added', mount => {
    const env = [{ name: 'AWS_WEB_IDENTITY_TOKEN_FILE', value: file }];
    const containers = [{ name: 'a', env, volumeMounts: [{ name: 'aws-iam-token', ...mount }] }];
    const paths = planFor({ spec: { containers } }).patch.map(({ path }) => path);
    expect(paths).toEqual(['/spec/volumes', '/spec/containers/0/env/-']);
  });

  const role = webIdentity.method === 'web_identity' ? webIdentity.roleArn.value : '';
  const fullUri = settingsWith().containerCredentials.fullUri;
  const ownVolume = (audience: string, path: string): object => ({
    name: 'mine',
    projected: { sources: [{ serviceAccountToken: { audience, path } }] },
  });
  test.each([
    { name: 'E178: the role of the identity', variable: { name: 'AWS_ROLE_ARN', value: role }, completed: true },
    { name: 'E91: another role', variable: { name: 'AWS_ROLE_ARN', value: `${role}-2` }, completed: false },
    { name: 'E94: nothing', variable: { name: 'AWS_ROLE_ARN', value: '' }, completed: false },
    { name: 'E94: no value', variable: { name: 'AWS_ROLE_ARN' }, completed: false },
    { name: 'E92: a reference', variable: { name: 'AWS_ROLE_ARN', valueFrom: { secretKeyRef: {} } }, completed: false },
    { name: 'E97: a variable', variable: { name: 'AWS_ROLE_ARN', value: '$(ROLE)' }, completed: false },
    { name: 'E179: our file', variable: { name: 'AWS_WEB_IDENTITY_TOKEN_FILE', value: file }, completed: true },
    {
      name: 'E179: the file of a volume of the pod',
      variable: { name: 'AWS_WEB_IDENTITY_TOKEN_FILE', value: '/my/../my/t' },
      volume: ownVolume('sts.amazonaws.com', 't'),
      completed: true,
    },
    {
      name: 'E179: a file that the volume does not have',
      variable: { name: 'AWS_WEB_IDENTITY_TOKEN_FILE', value: '/my/other' },
      volume: ownVolume('sts.amazonaws.com', 't'),
      completed: false,
    },
    {
      name: 'E179: a token for another audience',
      variable: { name: 'AWS_WEB_IDENTITY_TOKEN_FILE', value: '/my/t' },
      volume: ownVolume('vault', 't'),
      completed: false,
    },
    {
      name: 'E180: the endpoint of the agent',
      variable: { name: 'AWS_CONTAINER_CREDENTIALS_FULL_URI', value: fullUri },
      identity: containerCredentials,
      completed: true,
    },
    {
      name: 'E180: another endpoint',
      variable: { name: 'AWS_CONTAINER_CREDENTIALS_FULL_URI', value: 'http://127.0.0.1:9999/c' },
      identity: containerCredentials,
      completed: false,
    },
  ])('adds the other variable: $completed, when one is set to: $name', given => {
    const { variable, volume, identity = webIdentity, completed } = given;
    const container = { name: 'a', env: [variable], volumeMounts: [{ name: 'mine', mountPath: '/my' }] };
    const { injection } = planFor({ spec: { containers: [container], volumes: volume && [volume] } }, identity);
    expect(injection).toMatchObject({ containers: [{ environment: { length: completed ? 1 : 0 } }] });
    expect(injection.notices.map(({ code }) => code)).toEqual(completed ? [] : ['partial_identity']);
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
