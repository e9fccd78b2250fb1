import { describe, expect, test } from 'vitest';
import { parseServeArguments } from '../../src/configuration/parse-serve-arguments.ts';
import { expectKind, problemsOf, settingsFor } from './parse.ts';

const certificateApi =
  '--in-cluster is true, its default: it asks for a certificate by the signer kubernetes.io/legacy-unknown, which ' +
  'Kubernetes refuses since 1.22. Use --in-cluster=false --tls-cert=FILE --tls-key=FILE, for example with a certificate ' +
  'from cert-manager; or --certificates=self-managed';

describe('parseServeArguments()', () => {
  test.each([
    [[], {}],
    [['--in-cluster'], {}],
    [['--in-cluster=true'], {}],
    [['--in-cluster'], { IRSA_IN_CLUSTER: 'false' }],
    [[], { IRSA_IN_CLUSTER: 'true' }],
  ])('refuses to serve in-cluster with %j and %j, and says what to use instead', (argv, environment) => {
    const { problems, usage } = expectKind(parseServeArguments(argv, environment), 'problems');
    expect(problems).toEqual([certificateApi]);
    expect(usage).toBe('Usage: irsa serve [flags]\nSee "irsa serve --help" for all flags.\n');
  });

  test.each([[[]], [['--in-cluster']], [['--in-cluster=true']]])(
    'does not refuse to serve in-cluster with %j when we are our own authority',
    argv => {
      const outcome = parseServeArguments(['--certificates=self-managed', ...argv], {});
      expect(expectKind(outcome, 'settings').settings.tls.certificates).toEqual({
        kind: 'self-managed',
        secretName: 'irsa-webhook-ca',
        webhookConfigurationName: 'irsa-webhook',
        serviceName: 'pod-identity-webhook',
        clusterDomain: 'cluster.local',
        authorityDurationMs: 31_536_000_000,
        certificateDurationMs: 604_800_000,
        settleMs: 60_000,
      });
    },
  );

  test.each([
    { authority: '21h', certificate: '7h1s', isRefused: true },
    { authority: '21h', certificate: '7h', isRefused: false },
  ])(
    'refuses --certificate-duration above a third of --ca-duration: $certificate of $authority: $isRefused',
    ({ authority, certificate, isRefused }) => {
      const durations = [`--ca-duration=${authority}`, `--certificate-duration=${certificate}`];
      const outcome = parseServeArguments(['--certificates=self-managed', ...durations], {});
      expect(outcome.kind).toBe(isRefused ? 'problems' : 'settings');
      expect(settingsFor(durations).settings.tls.certificates.kind).toBe('files');
      if (!isRefused) return;
      expect(expectKind(outcome, 'problems').problems).toEqual([
        '--certificate-duration is 7h1s, more than a third of --ca-duration 21h: the authority could not be replaced in time',
      ]);
    },
  );

  test('explains that --in-cluster false is not what it looks like', () => {
    const { problems, notices } = expectKind(parseServeArguments(['--in-cluster', 'false'], {}), 'problems');
    expect(problems).toEqual([certificateApi]);
    expect(notices).toEqual([
      '--in-cluster: is true, and the argument "false" is ignored; a boolean takes its value after "=": --in-cluster=false',
    ]);
  });

  test('reports all problems together: syntax, values of flags and environment, combinations', () => {
    const argv = [
      '--token-expiraton=1',
      '-port=1',
      '--port=x',
      '--metrics-port=9',
      '--log-level',
      'loud',
      '--kube-api',
    ];
    const { problems } = expectKind(parseServeArguments(argv, { IRSA_DRAIN_PERIOD: '10' }), 'problems');
    expect(problems).toEqual([
      'unknown flag: --token-expiraton (did you mean --token-expiration?)',
      'unknown shorthand flag: "p" in "-port=1" (did you mean --port?)',
      'flag needs an argument: --kube-api',
      '--port: expected an integer from 0 to 65535, found "x"',
      'IRSA_DRAIN_PERIOD: expected a duration from 0s to 1h such as 1m30s, found "10"',
      '--log-level: expected one of debug, info, warn, error, found "loud"',
      certificateApi,
    ]);
  });

  test('takes the last of a repeated flag', () => {
    expect(settingsFor(['--port=1', '--port', '2', '--port=3']).settings.serving.port).toBe(3);
    expect(
      settingsFor(['--sts-regional-endpoint', '--sts-regional-endpoint=false']).settings.identity.regionalSts,
    ).toBe(false);
  });

  test.each([
    [['--port=9999'], true],
    [['--port=8443', '--metrics-port=8443'], true],
    [['--port=9999', '--bind-address=127.0.0.1'], true],
    [['--port=9999', '--bind-address=127.0.0.1', '--metrics-bind-address=0.0.0.0'], true],
    [['--port=9999', '--bind-address=::', '--metrics-bind-address=::1'], true],
    [['--port=9999', '--bind-address=127.0.0.1', '--metrics-bind-address=127.0.0.1'], true],
    [['--port=9999', '--bind-address=127.0.0.1', '--metrics-bind-address=127.0.0.2'], false],
    [['--port=0', '--metrics-port=0'], false],
  ])('finds with %j that both listeners use one port: %s', (argv, found) => {
    const outcome = parseServeArguments(['--in-cluster=false', ...argv], {});
    const expected = [
      expect.stringMatching(/^--port and --metrics-port are both \d+: two listeners cannot share a port/),
    ];
    if (found) expect(expectKind(outcome, 'problems').problems).toEqual(expected);
    else expect(outcome.kind).toBe('settings');
  });

  test('refuses a limit of bytes in flight that no large review passes', () => {
    expect(problemsOf(['--max-bytes-in-flight=1048576'])).toEqual([
      '--max-bytes-in-flight is 1048576, less than --max-body-bytes 8388608: the largest review would never be read',
    ]);
    expect(settingsFor(['--max-bytes-in-flight=8388608']).settings.serving.maxBytesInFlight).toBe(8_388_608);
  });

  test('draws no conclusion from a value that is wrong itself', () => {
    const problems = problemsOf(['--max-bytes-in-flight=1048576', '--max-body-bytes=1Mi']);
    expect(problems).toEqual(['--max-body-bytes: expected an integer from 65536 to 67108864, found "1Mi"']);
  });

  test.each([
    [['--help']],
    [['-h']],
    [['--unknown', '--port=x', '--help']],
    [['--version', '--help', '--print-config']],
  ])('gives help for %j, whatever else is there', argv => {
    expect(parseServeArguments(argv, { IRSA_PORT: 'x' }).kind).toBe('help');
  });

  test.each([
    [['--version'], 'version'],
    [['--version=true', '--port=x'], 'version'],
    [['--version=false'], 'problems'],
    [['--version=false', '--in-cluster=false'], 'settings'],
    [['version', '--in-cluster=false'], 'settings'],
    [['--print-config=false', '--in-cluster=false'], 'settings'],
  ])('gives for %j %s', (argv, kind) => {
    expect(parseServeArguments(argv, {}).kind).toBe(kind);
  });

  test('is pure: the same for the same, and leaves its arguments alone', () => {
    const argv = Object.freeze(['--in-cluster=false', '--port=1', 'x']);
    const environment = Object.freeze({ IRSA_NAMESPACE: 'irsa' });
    expect(parseServeArguments(argv, environment)).toEqual(parseServeArguments(argv, environment));
  });

  test('takes names from outside only as data', () => {
    const environment = { IRSA___PROTO__: 'x', IRSA_CONSTRUCTOR: 'x' };
    expect(problemsOf(['--constructor=1', '--hasOwnProperty=1', '--__proto__'], environment)).toEqual([
      'unknown flag: --constructor',
      'unknown flag: --hasOwnProperty',
      'unknown flag: --__proto__',
    ]);
  });
});
