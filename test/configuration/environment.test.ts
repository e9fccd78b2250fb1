import { describe, expect, test } from 'vitest';
import { parseServeArguments } from '../../src/configuration/parse-serve-arguments.ts';
import { expectKind, problemsOf, settingsFor } from './parse.ts';

describe('parseServeArguments() with an environment', () => {
  test.each([
    [[], {}, 86_400, 'default'],
    [[], { IRSA_TOKEN_EXPIRATION: '3600' }, 3600, 'environment'],
    [['--token-expiration=7200'], { IRSA_TOKEN_EXPIRATION: '3600' }, 7200, 'flag'],
    [['--token-expiration=86400'], { IRSA_TOKEN_EXPIRATION: '3600' }, 86_400, 'flag'],
    [['--token-expiration=7200'], {}, 7200, 'flag'],
    [[], { IRSA_TOKEN_EXPIRATION: '' }, 86_400, 'default'],
    [[], { IRSA_TOKEN_EXPIRATION: '0xe10' }, 3600, 'environment'],
    [[], { irsa_token_expiration: '3600', TOKEN_EXPIRATION: '3600' }, 86_400, 'default'],
  ])('gives for %j and %j %i, from %s', (argv, environment, seconds, origin) => {
    const { settings, origins } = settingsFor(argv, environment);
    expect(settings.identity.expirationSeconds).toBe(seconds);
    expect(origins.get('token-expiration')).toBe(origin);
  });

  test('takes booleans as flags do', () => {
    const outcome = parseServeArguments([], { IRSA_IN_CLUSTER: 'F', IRSA_WATCH_CONFIG_MAP: '1' });
    expect(expectKind(outcome, 'settings').settings.sources.mapping).toBeDefined();
  });

  test('says of every setting where it comes from', () => {
    const { origins } = settingsFor(['-v4', '--logtostderr'], { IRSA_NAMESPACE: 'irsa' });
    const given = [...origins].filter(([, origin]) => origin !== 'default');
    expect(Object.fromEntries(given)).toEqual({
      'in-cluster': 'flag',
      namespace: 'environment',
      'log-level': 'flag',
      v: 'flag',
      logtostderr: 'flag',
    });
  });

  test('checks a value from the environment only when no flag replaces it', () => {
    expect(settingsFor(['--port=1'], { IRSA_PORT: 'x' }).settings.serving.port).toBe(1);
    expect(problemsOf([], { IRSA_PORT: 'x' })).toHaveLength(1);
  });

  test('says nothing of the variable that names the commit of the image', () => {
    expect(settingsFor([], { IRSA_REVISION: 'abc' }).notices).toEqual([]);
  });

  test.each([['IRSA_VERSION'], ['IRSA_HELP'], ['IRSA_PRINT_CONFIG']])('does not take %s for a command', variable => {
    expect(settingsFor([], { [variable]: 'true' }).kind).toBe('settings');
  });

  test.each([
    [
      { IRSA_TOKEN_EXPIRATON: '1' },
      'the environment variable "IRSA_TOKEN_EXPIRATON" belongs to no setting and is ignored (did you mean IRSA_TOKEN_EXPIRATION?)',
    ],
    [{ IRSA_: 'x' }, 'the environment variable "IRSA_" belongs to no setting and is ignored'],
    [{ IRSA_VERSION: '1' }, 'the environment variable "IRSA_VERSION" belongs to no setting and is ignored'],
    [
      { IRSA_PORT: 'tcp://10.0.0.1:443' },
      'IRSA_PORT: "tcp://10.0.0.1:443" is how Kubernetes announces a Service, and is ignored; --port has no other value',
    ],
    [
      { IRSA_METRICS_PORT: 'udp://[fd00::1]:443' },
      'IRSA_METRICS_PORT: "udp://[fd00::1]:443" is how Kubernetes announces a Service, and is ignored; --metrics-port has no other value',
    ],
  ])('ignores %j with a notice', (environment, notice) => {
    const { settings, notices } = settingsFor([], environment);
    expect(notices).toEqual([notice]);
    expect(settings).toEqual(settingsFor([]).settings);
  });

  test('ignores the announcements of Services called irsa and irsa-webhook without a word', () => {
    const { notices } = settingsFor([], {
      IRSA_SERVICE_HOST: '10.0.0.1',
      IRSA_SERVICE_PORT: '443',
      IRSA_SERVICE_PORT_HTTPS: '443',
      IRSA_PORT_443_TCP: 'tcp://10.0.0.1:443',
      IRSA_PORT_443_TCP_PROTO: 'tcp',
      IRSA_PORT_443_TCP_PORT: '443',
      IRSA_PORT_443_TCP_ADDR: '10.0.0.1',
      IRSA_WEBHOOK_PORT: 'tcp://10.0.0.1:443',
      IRSA_WEBHOOK_SERVICE_HOST: '10.0.0.1',
      KUBERNETES_PORT: 'tcp://10.0.0.1:443',
    });
    expect(notices).toEqual([]);
  });

  test('gives notices in the order of the names, whatever the order of the environment', () => {
    const { notices } = settingsFor([], { IRSA_B_B: '1', IRSA_A_A: '1' });
    expect(notices.map(notice => /IRSA_\w+/.exec(notice)?.[0])).toEqual(['IRSA_A_A', 'IRSA_B_B']);
  });
});
