import { describe, expect, test } from 'vitest';
import { serveRows } from '../../src/configuration/serve-settings.ts';
import { problemsOf, settingsFor } from './parse.ts';

const mountPath = 'expected an absolute path below /, without a colon';
const tokenFile = 'expected a file name inside the volume';
const label = 'expected at most 63 lower-case letters, digits and dashes';
const name = 'expected a DNS name of lower-case letters, digits, dashes and dots';
const endpoint = 'expected an http or https URL without user name, password, query and fragment';
const url = 'expected an http or https URL without user name and password';
const address = 'expected an IPv4 or IPv6 address without brackets and port, or nothing';
const account = 'expected the 12 digits of an AWS account, or nothing';
const partition = 'expected an AWS partition such as aws or aws-cn, or nothing';
const region = 'expected an AWS region such as eu-central-1, or nothing';
const audience = 'expected an audience: without one, the token is for the API server and AWS refuses it';
const namespaces = 'expected names of namespaces, separated by commas, * for any characters';
const tlsVersion = 'expected 1.0, 1.1, 1.2 or 1.3, or VersionTLS10 to VersionTLS13';

function duration(from: string, to: string): string {
  return `expected a duration from ${from} to ${to} such as 1m30s`;
}

/** Flag, a value that it does not take, and the message without the flag and the value. */
const rows: readonly (readonly [flag: string, text: string, expected: string])[] = [
  ['port', 'abc', 'expected an integer from 0 to 65535'],
  ['port', '', 'expected an integer from 0 to 65535'],
  ['port', '-1', 'expected an integer from 0 to 65535'],
  ['port', '65536', 'expected an integer from 0 to 65535'],
  ['port', '4.5', 'expected an integer from 0 to 65535'],
  ['port', '1e3', 'expected an integer from 0 to 65535'],
  ['port', '08', 'expected an integer from 0 to 65535'],
  ['port', ' 443', 'expected an integer from 0 to 65535'],
  ['port', '18446744073709552059', 'expected an integer from 0 to 65535'],
  ['metrics-port', '70000', 'expected an integer from 0 to 65535'],
  ['bind-address', 'localhost', address],
  ['bind-address', '[::1]', address],
  ['bind-address', '127.0.0.1:443', address],
  ['bind-address', '256.0.0.1', address],
  ['metrics-bind-address', '*', address],
  ['fault-response', 'deny', 'expected one of error, allow'],
  ['fault-response', '', 'expected one of error, allow'],
  ['drain-period', '10', duration('0s', '1h')],
  ['drain-period', '-1s', duration('0s', '1h')],
  ['drain-period', '61m', duration('0s', '1h')],
  ['shutdown-timeout', '1 s', duration('0s', '1h')],
  ['max-body-bytes', '65535', 'expected an integer from 65536 to 67108864'],
  ['max-body-bytes', '8Mi', 'expected an integer from 65536 to 67108864'],
  ['max-bytes-in-flight', '1073741825', 'expected an integer from 65536 to 1073741824'],
  ['max-connections', '0', 'expected an integer from 1 to 65535'],
  ['enable-debugging-handlers', 'yes', 'expected true or false'],
  ['in-cluster', 'no', 'expected true or false'],
  ['in-cluster', 'tRUE', 'expected true or false'],
  ['certificates', 'cert-manager', 'expected one of files, self-managed'],
  ['ca-secret', '', name],
  ['ca-secret', 'Webhook', name],
  ['webhook-configuration', 'a/b', name],
  ['service-name', 'a.b', label],
  ['cluster-domain', 'cluster..local', name],
  ['ca-duration', '59m', duration('1h', '87600h')],
  ['certificate-duration', '7d', duration('10m', '8760h')],
  ['ca-settle-time', '0', duration('1s', '1h')],
  ['tls-cert', '', 'expected the path of a file'],
  ['kube-credentials-path', '', 'expected the path of a folder'],
  ['tls-key', '', 'expected the path of a file'],
  ['tls-reload-interval', '99ms', duration('100ms', '1h')],
  ['tls-min-version', '1.4', tlsVersion],
  ['tls-min-version', 'TLSv1.2', tlsVersion],
  ['tls-min-version', 'constructor', tlsVersion],
  ['kube-api', 'localhost:8080', `${endpoint}, or nothing`],
  ['kube-api', 'kubernetes.default', `${endpoint}, or nothing`],
  ['kube-api', 'https://user:secret@host', `${endpoint}, or nothing`],
  ['kube-api', 'https://host?x=1', `${endpoint}, or nothing`],
  ['kube-api', 'ftp://host', `${endpoint}, or nothing`],
  ['kube-api', 'https://', `${endpoint}, or nothing`],
  ['namespace', '', label],
  ['namespace', 'Eks', label],
  ['namespace', 'a.b', label],
  ['namespace', 'a'.repeat(64), label],
  ['annotation-prefix', 'eks.amazonaws.com/', name],
  ['annotation-prefix', '', name],
  ['annotation-prefix', 'eks..com', name],
  ['annotation-prefix', 'EKS.amazonaws.com', name],
  ['annotation-prefix', '-eks.com', name],
  ['annotation-prefix', '__proto__', name],
  ['config-map-name', 'Roles', name],
  ['token-audience', '', audience],
  ['token-audience', ' ', audience],
  ['container-credentials-audience', '', audience],
  ['token-expiration', '1h', 'expected an integer of at most 64 bits'],
  ['token-expiration', '9223372036854775808', 'expected an integer of at most 64 bits'],
  ['sts-regional-endpoint', 'regional', 'expected true or false'],
  ['invalid-role-arn', 'warn', 'expected one of inject, skip'],
  ['compose-role-arn', '2', 'expected true or false'],
  ['account-id', '12345678901', account],
  ['account-id', '1111-2222-3333', account],
  ['account-id', '１１１１２２２２３３３３', account],
  ['partition', 'AWS', partition],
  ['partition', 'aws-', partition],
  ['partition', 'arn:aws', partition],
  ['imds-endpoint', '', endpoint],
  ['imds-endpoint', '169.254.169.254', endpoint],
  ['imds-timeout', '0', duration('10ms', '1m')],
  ['token-mount-path', '', mountPath],
  ['token-mount-path', '/', mountPath],
  ['token-mount-path', '/a/..', mountPath],
  ['token-mount-path', 'var/run', mountPath],
  ['token-mount-path', '/a:b', mountPath],
  ['token-mount-path', 'D:\\var', mountPath],
  ['token-mount-path', 'C:\\', mountPath],
  ['token-mount-path', 'C:var', mountPath],
  ['token-mount-path', '/a\u0000b', mountPath],
  ['container-credentials-token-mount-path', './a', mountPath],
  ['container-credentials-token-volume-name', 'A', label],
  ['container-credentials-token-path', '', tokenFile],
  ['container-credentials-token-path', '/token', tokenFile],
  ['container-credentials-token-path', 'a/../b', tokenFile],
  ['container-credentials-token-path', '..data', tokenFile],
  ['container-credentials-token-path', 'a//b', tokenFile],
  ['container-credentials-token-path', './a', tokenFile],
  ['container-credentials-full-uri', '', url],
  ['container-credentials-full-uri', '/v1/credentials', url],
  ['container-credentials-full-uri', 'http://169.254.170.23/v1 x', url],
  ['aws-default-region', 'eu central', region],
  ['aws-default-region', 'EU-CENTRAL-1', region],
  ['partial-identity-env', 'both', 'expected one of complete, keep'],
  ['role-session-name', 'none ', 'expected one of none, pod'],
  ['watch-config-map', 'on', 'expected true or false'],
  ['watch-container-credentials-config', 'a.json', 'expected an absolute path, or nothing'],
  ['service-account-lookup-grace-period', '100', 'expected a duration such as 100ms'],
  ['service-account-lookup-grace-period', '-1ms', 'expected a duration such as 100ms'],
  ['lookup-concurrency', '0', 'expected an integer from 1 to 1024'],
  ['recheck-rate', '-1', 'expected an integer from 0 to 10000'],
  ['watch-list', '', 'expected true or false'],
  ['list-page-size', '0', 'expected an integer from 1 to 10000'],
  ['silent-watch-timeout', '0', duration('1s', '1h')],
  ['resync-period', 'often', duration('0s', '2562047h47m16.854s')],
  ['log-level', 'trace', 'expected one of debug, info, warn, error'],
  ['log-level', 'INFO', 'expected one of debug, info, warn, error'],
  ['log-format', 'xml', 'expected one of json, text'],
  ['legacy-metrics', 'all', 'expected true or false'],
  ['v', 'x', 'expected an integer'],
  ['v', '', 'expected an integer'],
  ['v', '0x4', 'expected an integer'],
  ['v', '2147483648', 'expected an integer'],
  ['logtostderr', 'stdout', 'expected true or false'],
  ['log_file_max_size', '-1', 'expected an integer from 0 to 9007199254740991'],
  ['print-config', 'x', 'expected true or false'],
  ['version', 'x', 'expected true or false'],
];

describe('parseServeArguments() with a wrong value', () => {
  const aboveApiToken = [
    '/var/run/secrets',
    '/run/secrets/',
    '/run',
    '/var/run',
    '/var',
    '/var/run/secrets/kubernetes.io/serviceaccount',
    'C:\\var\\run',
  ];
  test.each(aboveApiToken)('E183: refuses %s as a mount path, which is above that of the API token', path => {
    for (const flag of ['token-mount-path', 'container-credentials-token-mount-path']) {
      expect(problemsOf([`--${flag}=${path}`])).toEqual([
        expect.stringContaining('a path that is not above /var/run/secrets/kubernetes.io/serviceaccount'),
      ]);
    }
  });

  test.each(rows)('refuses --%s=%s', (flag, text, expected) => {
    expect(problemsOf([`--${flag}=${text}`])).toEqual([`--${flag}: ${expected}, found ${JSON.stringify(text)}`]);
  });

  test('names the environment variable when the value comes from there', () => {
    expect(problemsOf([], { IRSA_PORT: 'x' })).toEqual(['IRSA_PORT: expected an integer from 0 to 65535, found "x"']);
  });

  test.each([
    ['Kube-system', 'Kube-system'],
    ['kube-*,-a,ops,b_c', '-a,b_c'],
    ['a.b', 'a.b'],
    ['x'.repeat(64), 'x'.repeat(64)],
    ['a-', 'a-'],
  ])('refuses --exempt-namespaces=%s and names only what is wrong (E26)', (text, found) => {
    const expected = `--exempt-namespaces: ${namespaces}, found ${JSON.stringify(found)}`;
    expect(problemsOf([`--exempt-namespaces=${text}`])).toEqual([expected]);
  });

  test('cuts a long value in the message and escapes control characters', () => {
    const [problem] = problemsOf([`--log-level=a\n${'x'.repeat(1000)}`]);
    expect(problem).toBe(`--log-level: expected one of debug, info, warn, error, found "a\\n${'x'.repeat(78)}…"`);
  });

  test('has a row for every setting but those that take any text', () => {
    const tested = new Set([...rows.map(([flag]) => flag), 'exempt-namespaces', 'tls-cipher-suites']);
    const untested = serveRows.filter(row => !tested.has(row.name) && row.parse('\u0000 any text').kind === 'problem');
    // The other switches of klog are of the same kind as --logtostderr, and --help takes any text as in pflag.
    const others = untested.filter(row => row.type !== 'bool' || (row.ignored !== true && row.name !== 'help'));
    expect(others.map(({ name }) => name)).toEqual([]);
  });
});

describe('parseServeArguments() with a value that it changes', () => {
  test.each([
    [
      '--token-expiration=599',
      600,
      '--token-expiration: the value is 599: raised to 600, the least that the API server accepts',
    ],
    [
      '--token-expiration=0',
      600,
      '--token-expiration: the value is 0: raised to 600, the least that the API server accepts',
    ],
    [
      '--token-expiration=-5',
      600,
      '--token-expiration: the value is -5: raised to 600, the least that the API server accepts',
    ],
    [
      '--token-expiration=4294967297',
      4_294_967_296,
      '--token-expiration: the value is 4294967297: lowered to 4294967296, the most that the API server accepts',
    ],
    [
      '--token-expiration=9223372036854775807',
      4_294_967_296,
      '--token-expiration: the value is 9223372036854775807: lowered to 4294967296, the most that the API server accepts',
    ],
  ])('brings %s to %i and says so (E120, E122, E123)', (flag, seconds, notice) => {
    const { settings, notices } = settingsFor([flag]);
    expect(settings.identity.expirationSeconds).toBe(seconds);
    expect(notices).toEqual([notice]);
  });

  test.each([
    ['C:\\var\\run\\secrets\\aws\\', '/var/run/secrets/aws'],
    ['c:/var/run/secrets/aws', '/var/run/secrets/aws'],
    ['C:\\var\\..\\aws', '/aws'],
  ])('uses the Windows path %s as %s and says so (E134)', (text, path) => {
    const { settings, notices } = settingsFor([`--token-mount-path=${text}`]);
    expect(settings.injection.webIdentity.mountPath).toBe(path);
    expect(notices).toEqual([`--token-mount-path: used as ${path}; Windows pods get the drive letter C:`]);
  });

  test.each([
    [
      '--tls-min-version=1.0',
      '--tls-min-version: OpenSSL 3 refuses TLS 1.0 and 1.1: 1.2 is used, which every API server speaks',
    ],
    [
      '--tls-min-version=VersionTLS11',
      '--tls-min-version: OpenSSL 3 refuses TLS 1.0 and 1.1: 1.2 is used, which every API server speaks',
    ],
    ['--exempt-namespaces=a,*', '--exempt-namespaces: "*" is every namespace: no pod gets an identity'],
    [
      '--service-account-lookup-grace-period=31s',
      '--service-account-lookup-grace-period: more than 30s, which no review lasts: 30s',
    ],
    ['--account-id=111122223333', '--account-id and --partition have no effect without --compose-role-arn'],
    ['--partition=aws', '--account-id and --partition have no effect without --compose-role-arn'],
  ])('accepts %s with a notice', (flag, notice) => {
    expect(settingsFor([flag]).notices).toEqual([notice]);
  });

  test.each([['1.2'], ['VersionTLS12'], ['']])('takes the TLS version %j as TLS 1.2 without a notice', version => {
    const { settings, notices } = settingsFor([`--tls-min-version=${version}`]);
    expect(settings.tls.minVersion).toBe('TLSv1.2');
    expect(notices).toEqual([]);
  });
});
