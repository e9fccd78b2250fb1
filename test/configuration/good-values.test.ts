import { describe, expect, test } from 'vitest';
import { serveRows } from '../../src/configuration/serve-settings.ts';
import { settingsFor } from './parse.ts';

/** One value that is not the default for each setting that has an effect, and where it arrives. */
const rows: readonly (readonly [flag: string, path: string, expected: unknown])[] = [
  ['--tls-cert=/certs/a.crt', 'tls.certificates.certificatePath', '/certs/a.crt'],
  ['--tls-key=certs/a.key', 'tls.certificates.keyPath', 'certs/a.key'],
  ['--tls-reload-interval=1s', 'tls.certificates.reloadIntervalMs', 1000],
  ['--tls-min-version=1.3', 'tls.minVersion', 'TLSv1.3'],
  [
    '--tls-cipher-suites=TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256',
    'tls.ciphers',
    'ECDHE-RSA-AES128-GCM-SHA256:TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256',
  ],
  ['--port=8443', 'serving.port', 8443],
  ['--port=0', 'serving.port', 0],
  ['--port=65535', 'serving.port', 65_535],
  ['--bind-address=127.0.0.1', 'serving.address', '127.0.0.1'],
  ['--bind-address=::1', 'serving.address', '::1'],
  ['--metrics-port=0', 'serving.metricsPort', 0],
  ['--metrics-bind-address=::', 'serving.metricsAddress', '::'],
  ['--fault-response=allow', 'serving.faultResponse', 'allow'],
  ['--drain-period=0', 'serving.drainMs', 0],
  ['--drain-period=1h', 'serving.drainMs', 3_600_000],
  ['--shutdown-timeout=1.5s', 'serving.shutdownTimeoutMs', 1500],
  ['--max-body-bytes=0x10_0000', 'serving.maxBodyBytes', 1_048_576],
  ['--max-bytes-in-flight=16777216', 'serving.maxBytesInFlight', 16_777_216],
  ['--max-connections=1', 'serving.maxConnections', 1],
  ['--enable-debugging-handlers', 'serving.debuggingHandlers', true],
  ['--kubeconfig=/home/me/.kube/config', 'kubernetes.kubeconfig', '/home/me/.kube/config'],
  ['--kube-api=https://[::1]:6443/k8s/clusters/c-1', 'kubernetes.apiUrl', 'https://[::1]:6443/k8s/clusters/c-1'],
  ['--namespace=irsa', 'kubernetes.namespace', 'irsa'],
  ['--annotation-prefix=aws.example.com', 'identity.annotationPrefix', 'aws.example.com'],
  ['--annotation-prefix=aws.example.com', 'injection.annotationPrefix', 'aws.example.com'],
  ['--token-audience=openshift', 'identity.audience', 'openshift'],
  ['--token-expiration=3600', 'identity.expirationSeconds', 3600],
  ['--token-expiration=4294967296', 'identity.expirationSeconds', 4_294_967_296],
  ['--sts-regional-endpoint', 'identity.regionalSts', true],
  ['--invalid-role-arn=skip', 'identity.invalidRoleArn', 'skip'],
  ['--container-credentials-audience=other', 'identity.containerCredentialsAudience', 'other'],
  ['--compose-role-arn', 'composeRoleArn.enabled', true],
  ['--account-id=111122223333', 'composeRoleArn.accountId', '111122223333'],
  ['--account-id=000000000000', 'composeRoleArn.accountId', '000000000000'],
  ['--partition=aws-us-gov', 'composeRoleArn.partition', 'aws-us-gov'],
  ['--imds-endpoint=http://[fd00:ec2::254]', 'composeRoleArn.imdsEndpoint', 'http://[fd00:ec2::254]'],
  ['--imds-timeout=100ms', 'composeRoleArn.imdsTimeoutMs', 100],
  ['--token-mount-path=/var//run/secrets/aws/', 'injection.webIdentity.mountPath', '/var/run/secrets/aws'],
  ['--aws-default-region=eu-central-1', 'injection.region', 'eu-central-1'],
  ['--partial-identity-env=keep', 'injection.partialIdentityEnv', 'keep'],
  ['--role-session-name=pod', 'injection.roleSessionName', 'pod'],
  ['--exempt-namespaces= kube-*, ,ops,ops', 'injection.exemptNamespaces', ['kube-*', 'ops']],
  [
    '--container-credentials-full-uri=http://[fd00:ec2::23]/v1/credentials',
    'injection.containerCredentials.fullUri',
    'http://[fd00:ec2::23]/v1/credentials',
  ],
  ['--container-credentials-token-mount-path=/t', 'injection.containerCredentials.mountPath', '/t'],
  ['--container-credentials-token-volume-name=t', 'injection.containerCredentials.volumeName', 't'],
  ['--container-credentials-token-path=a/b.txt', 'injection.containerCredentials.tokenPath', 'a/b.txt'],
  ['--watch-config-map', 'sources.mapping', { namespace: 'eks', name: 'pod-identity-webhook' }],
  ['--watch-container-credentials-config=/etc/a.json', 'sources.associationsFile', '/etc/a.json'],
  ['--service-account-lookup-grace-period=100ms', 'sources.maxWaitMs', 100],
  ['--service-account-lookup-grace-period=0', 'sources.maxWaitMs', 2000],
  ['--service-account-lookup-grace-period=1h', 'sources.maxWaitMs', 30_000],
  ['--lookup-concurrency=1', 'sources.lookupConcurrency', 1],
  ['--watch-list=false', 'sources.watchList', false],
  ['--list-page-size=10', 'sources.listPageSize', 10],
  ['--recheck-rate=0', 'sources.rechecksPerSecond', 0],
  ['--silent-watch-timeout=90s', 'sources.silenceMs', 90_000],
  ['--kube-credentials-path=creds', 'kubernetes.credentialsPath', 'creds'],
  ['--log-level=warn', 'log.level', 'warn'],
  ['--log-format=text', 'log.format', 'text'],
  ['--legacy-metrics', 'metrics.legacyNames', true],
  ['-v4', 'log.level', 'debug'],
];

/** The same for those of an authority of our own. */
const selfManagedRows: readonly (readonly [flag: string, field: string, expected: unknown])[] = [
  ['--certificates=self-managed', 'kind', 'self-managed'],
  ['--ca-secret=webhook.ca', 'secretName', 'webhook.ca'],
  ['--webhook-configuration=pod-identity-webhook', 'webhookConfigurationName', 'pod-identity-webhook'],
  ['--service-name=webhook', 'serviceName', 'webhook'],
  ['--cluster-domain=k8s.example.com', 'clusterDomain', 'k8s.example.com'],
  ['--ca-duration=504h', 'authorityDurationMs', 1_814_400_000],
  ['--certificate-duration=24h', 'certificateDurationMs', 86_400_000],
  ['--ca-settle-time=1s', 'settleMs', 1000],
];

describe('parseServeArguments()', () => {
  test.each(selfManagedRows)('understands %s as %s = %j of self-managed certificates', (flag, field, expected) => {
    const { tls } = settingsFor(['--certificates=self-managed', flag]).settings;
    expect(tls.certificates).toHaveProperty(field, expected);
  });

  test.each(rows)('understands %s as %s = %j', (flag, path, expected) => {
    expect(settingsFor([flag]).settings).toHaveProperty(path, expected);
  });

  test('puts every setting that has an effect somewhere', () => {
    const covered = new Set([...rows, ...selfManagedRows].map(([flag]) => /^--?([a-z-]+)/.exec(flag)?.[1]));
    const effective = serveRows.filter(row => row.ignored !== true && row.command !== true);
    // The last two are read together with --watch-config-map and refused in another test.
    const expected = effective
      .map(({ name }) => name)
      .filter(name => !['config-map-name', 'in-cluster'].includes(name));
    expect(expected.filter(name => !covered.has(name))).toEqual([]);
  });

  test('takes the mapping ConfigMap from --namespace by --config-map-name', () => {
    const { settings } = settingsFor(['--watch-config-map', '--namespace=irsa', '--config-map-name=roles.v1']);
    expect(settings.sources.mapping).toEqual({ namespace: 'irsa', name: 'roles.v1' });
  });

  test.each([
    ['--tls-secret=x'],
    ['--resync-period=5m'],
    ['--logtostderr'],
    ['--logtostderr=false'],
    ['--stderrthreshold=ERROR'],
    ['--vmodule=handler=9'],
    ['--log_file_max_size=0x10'],
    ['--alsologtostderrthreshold=WARNING'],
  ])('accepts %s and changes nothing', flag => {
    const { settings, notices } = settingsFor([flag]);
    expect(settings).toEqual(settingsFor([]).settings);
    expect(notices).toEqual([]);
  });

  test.each([
    [['-v=3'], {}, 'info'],
    [['-v=4'], {}, 'debug'],
    [['--v=10'], {}, 'debug'],
    [['-v=-1'], {}, 'info'],
    [['-v=4', '--log-level=warn'], {}, 'warn'],
    [['--log-level=info', '-v=4'], {}, 'info'],
    [['-v=4'], { IRSA_LOG_LEVEL: 'error' }, 'error'],
    [[], { IRSA_V: '5' }, 'debug'],
    [['-v=0'], { IRSA_V: '5' }, 'info'],
  ])('gives for %j and %j the log level %s', (argv, environment, level) => {
    expect(settingsFor(argv, environment).settings.log.level).toBe(level);
  });

  test('takes the flags of the manifests in the wild', () => {
    const flags =
      '--in-cluster=false --namespace=kube-system --service-name=pod-identity-webhook --annotation-prefix=eks.amazonaws.com ' +
      '--token-audience=amazonaws.com --logtostderr --port=443 --metrics-port=9999 --tls-cert=/certs/tls.crt ' +
      '--tls-key=/certs/tls.key --aws-default-region=us-east-1 --sts-regional-endpoint=true --token-expiration=3600 ' +
      '--token-mount-path=/var/run/secrets/x --watch-config-map --v=5 --kubeconfig= --tls-min-version=VersionTLS12 ' +
      '--tls-cipher-suites=TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256';
    const { settings, notices } = settingsFor(flags.split(' '));
    expect(notices).toEqual([]);
    expect(settings.identity).toMatchObject({ audience: 'amazonaws.com', expirationSeconds: 3600, regionalSts: true });
    expect(settings.kubernetes.kubeconfig).toBeUndefined();
  });
});
