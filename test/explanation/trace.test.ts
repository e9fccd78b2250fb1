import { describe, expect, test } from 'vitest';
import type { ExplainedVariable } from '../../src/explanation/explanation.ts';
import { explain, role, roleAnnotation, type Given } from './support.ts';

const other = 'arn:aws:iam::111122223333:role/other';

describe('the sources of an explanation', () => {
  const cases: readonly (readonly [string, Given, string, string, string])[] = [
    ['the annotation', {}, 'silent', 'wins', 'silent'],
    ['the mapping', { annotations: {}, mapping: { 'shop/*': { RoleARN: other } } }, 'silent', 'silent', 'wins'],
    [
      'the annotation before the mapping',
      { mapping: { 'shop/web': { RoleARN: other } } },
      'silent',
      'wins',
      'overruled',
    ],
    [
      'the association before both',
      { associated: true, mapping: { 'shop/web': { RoleARN: other } } },
      'wins',
      'overruled',
      'overruled',
    ],
    [
      'the mapping without an account',
      { annotations: undefined, mapping: { 'shop/web': { RoleARN: other } } },
      'silent',
      'silent',
      'wins',
    ],
    ['nobody', { annotations: {} }, 'silent', 'silent', 'silent'],
    ['nobody, by the mapping', { annotations: {}, mapping: { 'shop/web': {} } }, 'silent', 'silent', 'refuses'],
    [
      'nobody, since the annotation is no role',
      { annotations: { [roleAnnotation]: 'x' }, flags: ['--invalid-role-arn=skip'] },
      'silent',
      'refuses',
      'silent',
    ],
    [
      'nobody, since the mapping has no role',
      { annotations: {}, mapping: { 'shop/web': { RoleARN: 'x' } }, flags: ['--invalid-role-arn=skip'] },
      'silent',
      'silent',
      'refuses',
    ],
    [
      'nobody, since the annotation is no role, whatever the mapping says',
      {
        annotations: { [roleAnnotation]: 'x' },
        mapping: { 'shop/web': { RoleARN: other } },
        flags: ['--invalid-role-arn=skip'],
      },
      'silent',
      'refuses',
      'overruled',
    ],
  ];

  test.each(cases)('tell that %s won', (_, given, association, annotation, mapping) => {
    const { sources } = explain(given);
    expect(sources.map(({ source, result }) => [source, result])).toEqual([
      ['association', association],
      ['annotation', annotation],
      ['mapping', mapping],
    ]);
  });

  test('repeat no text that could act on a terminal', () => {
    const { sources } = explain({ annotations: { [roleAnnotation]: '\u001B[31mrole' } });
    expect(sources[1]?.detail).toBe(`${roleAnnotation} is "\\u001b[31mrole"`);
  });
});

describe('the settings of an explanation', () => {
  const settings = (given: Given): readonly (readonly [string, string, string])[] =>
    explain(given).settings.map(({ name, value, from }) => [name, value, from] as const);

  test('come from the defaults of the flags where nobody says anything', () => {
    expect(settings({})).toEqual([
      ['role', role, 'service_account'],
      ['audience', 'sts.amazonaws.com', 'default'],
      ['expiration', '86400', 'default'],
      ['regional_sts', 'false', 'default'],
      ['region', '', 'default'],
      ['session_name', '', 'default'],
      ['token_file', '/var/run/secrets/eks.amazonaws.com/serviceaccount/token', 'default'],
    ]);
  });

  test('come from pod, ServiceAccount and mapping, each with its place', () => {
    const account = {
      [roleAnnotation]: role,
      'eks.amazonaws.com/audience': 'mine',
      'eks.amazonaws.com/token-expiration': '3600',
      'eks.amazonaws.com/sts-regional-endpoints': 'true',
    };
    const metadata = { annotations: { 'eks.amazonaws.com/token-expiration': '7200' } };
    const details = explain({ annotations: account, metadata }).settings.map(({ name, value, detail }) => [
      name,
      value,
      detail,
    ]);
    expect(details.slice(0, 4)).toEqual([
      ['role', role, 'ServiceAccount annotation eks.amazonaws.com/role-arn'],
      ['audience', 'mine', 'ServiceAccount annotation eks.amazonaws.com/audience'],
      ['expiration', '7200', 'pod annotation eks.amazonaws.com/token-expiration'],
      ['regional_sts', 'true', 'ServiceAccount annotation eks.amazonaws.com/sts-regional-endpoints'],
    ]);
    const mapped = {
      annotations: {},
      mapping: { 'shop/*': { RoleARN: other, Audience: 'mine', TokenExpiration: 900 } },
    };
    expect(
      explain(mapped)
        .settings.slice(0, 3)
        .map(({ detail }) => detail),
    ).toEqual([
      'mapping entry "shop/*", RoleARN',
      'mapping entry "shop/*", Audience',
      'mapping entry "shop/*", TokenExpiration',
    ]);
  });

  test.each([
    ['flag', '--token-audience', 'flag --token-audience'],
    ['environment', 'IRSA_TOKEN_AUDIENCE', 'environment variable IRSA_TOKEN_AUDIENCE'],
    ['installed', '--token-audience of Deployment a/b', '--token-audience of Deployment a/b'],
    ['default', '--token-audience', 'default of --token-audience'],
  ] as const)('tell a value of the kind %s', (from, label, detail) => {
    const origins = new Map([['token-audience', { from, label }]]);
    expect(explain({ input: { origins } }).settings[1]).toMatchObject({ from, detail });
  });

  test('tell the range over which the lifetime of container credentials is spread, but not where somebody chose it', () => {
    const spread = settings({ associated: true });
    expect(spread).toContainEqual(['expiration', '79200-86400', 'default']);
    expect(spread).toContainEqual(['audience', 'pods.eks.amazonaws.com', 'default']);
    expect(spread).toContainEqual(['role', '', 'association']);
    const chosen = { [roleAnnotation]: role, 'eks.amazonaws.com/token-expiration': '86400' };
    expect(settings({ associated: true, annotations: chosen })).toContainEqual([
      'expiration',
      '86400',
      'service_account',
    ]);
  });

  test('show session name, region and the path of a Windows pod', () => {
    const found = settings({
      flags: ['--role-session-name=pod', '--aws-default-region=eu-west-1'],
      spec: { os: { name: 'windows' } },
    });
    expect(found).toContainEqual(['session_name', 'metadata.name', 'default']);
    expect(found).toContainEqual(['region', 'eu-west-1', 'default']);
    expect(found).toContainEqual([
      'token_file',
      'C:\\var\\run\\secrets\\eks.amazonaws.com\\serviceaccount\\token',
      'default',
    ]);
  });
});

describe('the containers of an explanation', () => {
  const actionsOf = (variables: readonly ExplainedVariable[]): object =>
    Object.fromEntries(variables.map(({ name, action }) => [name, action]));

  test('tell what is added, kept and left out', () => {
    const env = [
      { name: 'AWS_REGION', value: 'hunter2' },
      { name: 'AWS_WEB_IDENTITY_TOKEN_FILE', value: '/var/run/secrets/eks.amazonaws.com/serviceaccount/token' },
    ];
    const { containers } = explain({
      spec: { containers: [{ name: 'app', env }] },
      flags: ['--aws-default-region=eu-west-1'],
    });
    expect(actionsOf(containers[0]?.environment ?? [])).toEqual({
      AWS_DEFAULT_REGION: 'leave_out',
      AWS_REGION: 'keep',
      AWS_ROLE_ARN: 'add',
      AWS_WEB_IDENTITY_TOKEN_FILE: 'keep',
    });
    expect(containers[0]).toMatchObject({
      result: 'injected',
      detail: 'gets 1 variable and the token',
      mount: { volume: 'aws-iam-token', path: '/var/run/secrets/eks.amazonaws.com/serviceaccount' },
    });
  });

  test('never show a value that the pod has', () => {
    const env = ['AWS_REGION', 'AWS_ACCESS_KEY_ID', 'AWS_ROLE_ARN', 'AWS_PROFILE', 'OTHER'].map(name => ({
      name,
      value: 'hunter2',
    }));
    const stored = { uid: 'u', creationTimestamp: '2026-11-01T00:00:00Z' };
    const owner = { kind: 'Pod', namespace: 'shop', name: 'web' };
    const facts = { serviceAccount: undefined, mapping: undefined, accountChangedSince: undefined };
    const running = { owner, template: undefined, ...facts };
    const explanation = explain({ metadata: stored, spec: { containers: [{ name: 'app', env }] }, input: { running } });
    expect(JSON.stringify(explanation)).not.toContain('hunter2');
  });

  test.each([
    ['skip_containers_annotation', { annotations: { 'eks.amazonaws.com/skip-containers': 'app' } }, {}],
    ['not_in_include_containers_annotation', { annotations: { 'eks.amazonaws.com/include-containers': 'b' } }, {}],
    ['malformed_container', {}, { env: {} }],
  ])('tell %s', (reason, metadata, container) => {
    const { containers } = explain({ metadata, spec: { containers: [{ name: 'app', ...container }, { name: 'b' }] } });
    expect(containers.map(found => [found.name, found.result, found.reason])).toEqual([
      ['app', 'kept', reason],
      ['b', 'injected', 'identity_injected'],
    ]);
    expect(containers[0]?.detail).not.toBe('');
  });

  test('tell that a container sets everything itself, and that an entry is none', () => {
    const names = ['AWS_ROLE_ARN', 'AWS_WEB_IDENTITY_TOKEN_FILE', 'AWS_REGION', 'AWS_STS_REGIONAL_ENDPOINTS'];
    const own = { name: 'own', env: names.map(name => ({ name, value: 'x' })) };
    const { containers, verdict } = explain({ spec: { containers: [own], initContainers: ['none'] } });
    expect(containers.map(({ list, reason }) => [list, reason])).toEqual([
      ['containers', 'already_configured'],
      ['unknown', 'malformed_container'],
    ]);
    expect(verdict).toMatchObject({ outcome: 'unchanged', identity: 'has' });
  });

  test('name the volume that is added, and the one that is there', () => {
    expect(explain().volume).toMatchObject({ name: 'aws-iam-token', action: 'add' });
    const token = { audience: 'sts.amazonaws.com', expirationSeconds: 600, path: 'token' };
    const volumes = [{ name: 'aws-iam-token', projected: { sources: [{ serviceAccountToken: token }] } }];
    expect(explain({ spec: { volumes } }).volume).toMatchObject({ name: 'aws-iam-token', action: 'keep' });
  });
});

describe('what the SDKs make of it', () => {
  const codes = (given: Given): readonly (readonly [string, string])[] =>
    explain(given).credentials.map(({ code, container }) => [code, container] as const);
  const withEnv = (name: string): Given => ({ spec: { containers: [{ name: 'app', env: [{ name, value: 'x' }] }] } });

  test.each([
    ['the usual order', {}, []],
    ['keys of its own', withEnv('AWS_SECRET_ACCESS_KEY'), [['static_credentials_take_precedence', '']]],
    ['a profile', withEnv('AWS_PROFILE'), [['static_credentials_take_precedence', '']]],
    ['a configuration file', withEnv('AWS_CONFIG_FILE'), [['static_credentials_take_precedence', '']]],
    ['both methods on the account', { associated: true, mapping: {} }, [['both_methods', '']]],
    ['only an association', { associated: true, annotations: {} }, []],
    [
      'a token file beside container credentials',
      { ...withEnv('AWS_WEB_IDENTITY_TOKEN_FILE'), associated: true, annotations: {} },
      [['web_identity_takes_precedence', '']],
    ],
    [
      'envFrom',
      { spec: { containers: [{ name: 'app', envFrom: [{ secretRef: { name: 's' } }] }] } },
      [['env_from_unseen', 'app']],
    ],
    [
      'envFrom of an init container',
      { spec: { containers: [], initContainers: [{ name: 'i', envFrom: [{}] }] } },
      [['env_from_unseen', 'i']],
    ],
    [
      'a skipped container',
      {
        metadata: { annotations: { 'eks.amazonaws.com/skip-containers': 'b' } },
        spec: { containers: [{ name: 'app' }, { name: 'b' }] },
      },
      [['no_credentials_injected', 'b']],
    ],
  ] as const)('tells of %s', (_, given, expected) => {
    expect(codes(given)).toEqual([['default_chain', ''], ...expected]);
  });

  test('has another order for each method', () => {
    const [web] = explain().credentials;
    const [container] = explain({ associated: true }).credentials;
    expect(web?.detail).toContain('then the web identity token that is injected here');
    expect(container?.detail).toContain('then the container credentials that are injected here');
  });
});

describe('the slips that an explanation finds', () => {
  test.each([
    ['the role on the pod', { annotations: {}, metadata: { annotations: { [roleAnnotation]: role } } }, ['the pod']],
    ['the annotation of kube2iam', { annotations: { 'iam.amazonaws.com/role': 'x' } }, ['the ServiceAccount']],
    ['an underscore', { annotations: { 'eks.amazonaws.com/role_arn': role } }, ['the ServiceAccount']],
    ['capitals', { annotations: { 'eks.amazonaws.com/roleARN': role } }, ['the ServiceAccount']],
    ['no prefix', { annotations: { 'role-arn': role } }, ['the ServiceAccount']],
    ['another prefix', { annotations: { 'example.com/role-arn': role } }, ['the ServiceAccount']],
    ['an empty annotation', { annotations: { [roleAnnotation]: '' } }, []],
    ['another annotation', { annotations: { 'example.com/controller': role } }, []],
    ['a pod that has its identity', { metadata: { annotations: { [roleAnnotation]: role } } }, []],
    ['an exempt pod', { annotations: { 'role-arn': role }, flags: ['--exempt-namespaces=shop'] }, []],
  ])('for %s', (_, given, expected) => {
    const slips = explain(given).findings.filter(({ name }) => name === 'annotation_misplaced');
    expect(slips.map(({ detail }) => detail.split(' has ', 1)[0])).toEqual(expected);
  });
});
