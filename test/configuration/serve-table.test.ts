import { describe, expect, test } from 'vitest';
import { serveRows, serveRowsByName, serveTable } from '../../src/configuration/serve-settings.ts';
import { environmentName } from '../../src/configuration/setting.ts';
import { settingsFor } from './parse.ts';

/** The flags of the AWS webhook, transcribed from reference/aws-webhook.md 1.1: name, type, default. */
const awsFlags: readonly (readonly [name: string, type: string, byDefault: string])[] = [
  ['port', 'int', '443'],
  ['metrics-port', 'int', '9999'],
  ['kubeconfig', 'string', ''],
  ['kube-api', 'string', ''],
  ['tls-key', 'string', '/etc/webhook/certs/tls.key'],
  ['tls-cert', 'string', '/etc/webhook/certs/tls.crt'],
  ['tls-cipher-suites', 'string', ''],
  ['tls-min-version', 'string', ''],
  ['in-cluster', 'bool', 'true'],
  ['service-name', 'string', 'pod-identity-webhook'],
  ['namespace', 'string', 'eks'],
  ['tls-secret', 'string', 'pod-identity-webhook'],
  ['annotation-prefix', 'string', 'eks.amazonaws.com'],
  ['token-audience', 'string', 'sts.amazonaws.com'],
  ['token-mount-path', 'string', '/var/run/secrets/eks.amazonaws.com/serviceaccount'],
  ['token-expiration', 'int64', '86400'],
  ['aws-default-region', 'string', ''],
  ['sts-regional-endpoint', 'bool', 'false'],
  ['watch-config-map', 'bool', 'false'],
  ['compose-role-arn', 'bool', 'false'],
  ['watch-container-credentials-config', 'string', ''],
  ['container-credentials-audience', 'string', 'pods.eks.amazonaws.com'],
  ['container-credentials-token-mount-path', 'string', '/var/run/secrets/pods.eks.amazonaws.com/serviceaccount'],
  ['container-credentials-token-volume-name', 'string', 'eks-pod-identity-token'],
  ['container-credentials-token-path', 'string', 'eks-pod-identity-token'],
  ['container-credentials-full-uri', 'string', 'http://169.254.170.23/v1/credentials'],
  ['service-account-lookup-grace-period', 'duration', '0s'],
  // Written 60s there, and 1m here.
  ['resync-period', 'duration', '1m'],
  ['enable-debugging-handlers', 'bool', 'false'],
  ['version', 'bool', 'false'],
  ['add_dir_header', 'bool', 'false'],
  ['alsologtostderr', 'bool', 'false'],
  ['alsologtostderrthreshold', 'string', '0'],
  ['legacy_stderr_threshold_behavior', 'bool', 'true'],
  ['log_backtrace_at', 'string', ''],
  ['log_dir', 'string', ''],
  ['log_file', 'string', ''],
  ['log_file_max_size', 'int', '1800'],
  ['logtostderr', 'bool', 'true'],
  ['one_output', 'bool', 'false'],
  ['skip_headers', 'bool', 'false'],
  ['skip_log_headers', 'bool', 'false'],
  ['stderrthreshold', 'string', '2'],
  ['v', 'int', '0'],
  ['vmodule', 'string', ''],
];

/** Ours, with their types and defaults. */
const ownFlags: readonly (readonly [name: string, type: string, byDefault: string])[] = [
  ['bind-address', 'string', ''],
  ['metrics-bind-address', 'string', ''],
  ['fault-response', 'string', 'error'],
  ['drain-period', 'duration', '10s'],
  ['shutdown-timeout', 'duration', '10s'],
  ['max-body-bytes', 'int', '8388608'],
  ['max-bytes-in-flight', 'int', '25165824'],
  ['max-connections', 'int', '1024'],
  ['certificates', 'string', 'files'],
  ['tls-reload-interval', 'duration', '10s'],
  ['ca-secret', 'string', 'irsa-webhook-ca'],
  ['webhook-configuration', 'string', 'irsa-webhook'],
  ['cluster-domain', 'string', 'cluster.local'],
  ['ca-duration', 'duration', '8760h'],
  ['certificate-duration', 'duration', '168h'],
  ['ca-settle-time', 'duration', '1m'],
  ['invalid-role-arn', 'string', 'inject'],
  ['account-id', 'string', ''],
  ['partition', 'string', ''],
  ['imds-endpoint', 'string', 'http://169.254.169.254'],
  ['imds-timeout', 'duration', '2s'],
  ['partial-identity-env', 'string', 'complete'],
  ['role-session-name', 'string', 'none'],
  ['exempt-namespaces', 'string', ''],
  ['config-map-name', 'string', 'pod-identity-webhook'],
  ['lookup-concurrency', 'int', '32'],
  ['watch-list', 'bool', 'true'],
  ['list-page-size', 'int', '500'],
  ['kube-credentials-path', 'string', '/var/run/secrets/kubernetes.io/serviceaccount'],
  ['recheck-rate', 'int', '100'],
  ['silent-watch-timeout', 'duration', '2m30s'],
  ['log-level', 'string', 'info'],
  ['log-format', 'string', 'json'],
  ['legacy-metrics', 'bool', 'false'],
  ['help', 'bool', 'false'],
  ['print-config', 'bool', 'false'],
];

describe('serveTable', () => {
  test.each(awsFlags)('has the flag --%s of the AWS webhook, %s, default %j', (name, type, byDefault) => {
    expect(serveRowsByName.get(name)).toMatchObject({ name, type, defaultText: byDefault });
  });

  test.each(ownFlags)('has our flag --%s, %s, default %j', (name, type, byDefault) => {
    expect(serveRowsByName.get(name)).toMatchObject({ name, type, defaultText: byDefault });
  });

  test('has no other flag, and none twice', () => {
    const names = serveRows.map(({ name }) => name);
    expect(names.toSorted()).toEqual([...awsFlags, ...ownFlags].map(([name]) => name).toSorted());
  });

  test.each(serveRows.map(row => [row.name, row] as const))('gives --%s a default that says itself', (_name, row) => {
    const parsed = row.parse(row.defaultText);
    expect(parsed).toMatchObject({ kind: 'value', value: row.defaultValue });
    expect(parsed).not.toHaveProperty('notice');
  });

  test.each(serveRows.map(row => [row.name, row] as const))(
    'explains --%s in one line, or has it ignored',
    (_name, row) => {
      expect(row.help).not.toContain('\n');
      if (row.ignored !== true) expect(row.help).toMatch(/^[A-Zk].{10,}\.$/);
    },
  );

  test('has a title for every group, and none twice', () => {
    const titles = serveTable.map(({ title }) => title);
    expect(new Set(titles).size).toBe(titles.length);
  });
});

describe('environmentName()', () => {
  test.each([
    ['token-expiration', 'IRSA_TOKEN_EXPIRATION'],
    ['port', 'IRSA_PORT'],
    ['log_file_max_size', 'IRSA_LOG_FILE_MAX_SIZE'],
    ['v', 'IRSA_V'],
    ['help', undefined],
    ['version', undefined],
    ['print-config', undefined],
  ])('gives for --%s %s', (name, expected) => {
    const row = serveRowsByName.get(name);
    expect(row).toBeDefined();
    expect(row && environmentName(row)).toBe(expected);
  });

  test('gives no name twice', () => {
    const names = serveRows.flatMap(row => environmentName(row) ?? []);
    expect(new Set(names).size).toBe(names.length);
  });
});

describe('parseServeArguments() without flags but --in-cluster=false', () => {
  test('gives the defaults of the AWS webhook, grouped by who needs them', () => {
    expect(settingsFor([]).settings).toEqual({
      tls: {
        certificates: {
          kind: 'files',
          certificatePath: '/etc/webhook/certs/tls.crt',
          keyPath: '/etc/webhook/certs/tls.key',
          reloadIntervalMs: 10_000,
        },
        minVersion: 'TLSv1.2',
        ciphers: undefined,
      },
      serving: {
        address: undefined,
        port: 443,
        metricsAddress: undefined,
        metricsPort: 9999,
        faultResponse: 'error',
        drainMs: 10_000,
        shutdownTimeoutMs: 10_000,
        maxBodyBytes: 8_388_608,
        maxBytesInFlight: 25_165_824,
        maxConnections: 1024,
        debuggingHandlers: false,
      },
      kubernetes: {
        kubeconfig: undefined,
        apiUrl: undefined,
        credentialsPath: '/var/run/secrets/kubernetes.io/serviceaccount',
        namespace: 'eks',
      },
      identity: {
        annotationPrefix: 'eks.amazonaws.com',
        audience: 'sts.amazonaws.com',
        containerCredentialsAudience: 'pods.eks.amazonaws.com',
        expirationSeconds: 86_400,
        regionalSts: false,
        invalidRoleArn: 'inject',
      },
      composeRoleArn: {
        enabled: false,
        accountId: undefined,
        partition: undefined,
        imdsEndpoint: 'http://169.254.169.254',
        imdsTimeoutMs: 2000,
      },
      injection: {
        annotationPrefix: 'eks.amazonaws.com',
        webIdentity: {
          volumeName: 'aws-iam-token',
          mountPath: '/var/run/secrets/eks.amazonaws.com/serviceaccount',
          tokenPath: 'token',
        },
        containerCredentials: {
          volumeName: 'eks-pod-identity-token',
          mountPath: '/var/run/secrets/pods.eks.amazonaws.com/serviceaccount',
          tokenPath: 'eks-pod-identity-token',
          fullUri: 'http://169.254.170.23/v1/credentials',
        },
        region: '',
        partialIdentityEnv: 'complete',
        roleSessionName: 'none',
        exemptNamespaces: [],
      },
      sources: {
        mapping: undefined,
        associationsFile: undefined,
        maxWaitMs: 2000,
        lookupConcurrency: 32,
        rechecksPerSecond: 100,
        watchList: true,
        listPageSize: 500,
        silenceMs: 150_000,
      },
      log: { level: 'info', format: 'json' },
      metrics: { legacyNames: false },
    });
  });
});
