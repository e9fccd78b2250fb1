import { describe, expect, test } from 'vitest';
import { parseServeArguments } from '../../src/configuration/parse-serve-arguments.ts';
import { serveRows } from '../../src/configuration/serve-settings.ts';
import { expectKind } from './parse.ts';

function listing(argv: readonly string[], environment: Readonly<Record<string, string>> = {}): string {
  return expectKind(parseServeArguments(['--print-config', ...argv], environment), 'print-config').text;
}

/** Assignments and comments of the listing, by flag. */
function entries(text: string): ReadonlyMap<string, string> {
  const lines = text.split('\n').filter(line => line.startsWith('--'));
  return new Map(lines.map(line => [line.slice(0, line.indexOf('=')), line.replace(/\s+#/, ' #')]));
}

describe('--print-config', () => {
  test('lists every setting that has an effect', () => {
    const shown = [...entries(listing(['--in-cluster=false'])).keys()];
    const effective = serveRows.filter(row => row.ignored !== true && row.command !== true);
    expect(shown).toEqual(effective.map(({ name }) => `--${name}`));
  });

  test.each([
    [[], {}, '--port', '--port=443 # default'],
    [['--port=0x1bb'], {}, '--port', '--port=443 # flag --port'],
    [['--port', '1'], { IRSA_PORT: '2' }, '--port', '--port=1 # flag --port'],
    [[], { IRSA_PORT: '2' }, '--port', '--port=2 # environment IRSA_PORT'],
    [['--token-expiration=5'], {}, '--token-expiration', '--token-expiration=600 # flag --token-expiration'],
    [['--token-mount-path=/a//b/'], {}, '--token-mount-path', '--token-mount-path=/a/b # flag --token-mount-path'],
    [['--drain-period=90s'], {}, '--drain-period', '--drain-period=1m30s # flag --drain-period'],
    [['--watch-list=F'], {}, '--watch-list', '--watch-list=false # flag --watch-list'],
    [[], {}, '--service-account-lookup-grace-period', '--service-account-lookup-grace-period=2s # default'],
    [[], {}, '--tls-min-version', '--tls-min-version=1.2 # default'],
    [[], {}, '--kubeconfig', '--kubeconfig= # default'],
    [['-v4'], {}, '--log-level', '--log-level=debug # flag -v'],
    [[], { IRSA_V: '4' }, '--log-level', '--log-level=debug # environment IRSA_V'],
    [['-v4', '--log-level=warn'], {}, '--log-level', '--log-level=warn # flag --log-level'],
    [['--kubeconfig=/a b'], {}, '--kubeconfig', '--kubeconfig="/a b" # flag --kubeconfig'],
    [['--kubeconfig=a\n--x=1'], {}, '--kubeconfig', String.raw`--kubeconfig="a\n--x=1" # flag --kubeconfig`],
    [['--tls-secret=x'], {}, '--tls-secret', '--tls-secret=x # flag --tls-secret, no effect'],
  ])('shows with %j and %j of %s: %s', (argv, environment, flag, expected) => {
    expect(entries(listing(argv, environment)).get(flag)).toBe(expected);
  });

  test.each([
    [[], '--kubeconfig=/k # environment KUBECONFIG'],
    [['--kubeconfig=/f'], '--kubeconfig=/f # flag --kubeconfig'],
    [['--kube-api=https://api:6443'], '--kubeconfig= # default'],
    [['--kube-credentials-path=/c'], '--kubeconfig= # default'],
    [['--namespace=irsa'], '--kubeconfig=/k # environment KUBECONFIG'],
  ])('shows with %j what wins over KUBECONFIG (E221): %s', (argv, expected) => {
    expect(entries(listing(argv, { KUBECONFIG: '/k' })).get('--kubeconfig')).toBe(expected);
  });

  test('shows that our own variables win over KUBECONFIG too (E221)', () => {
    const environment = { KUBECONFIG: '/k', IRSA_KUBE_API: 'https://api:6443' };
    expect(entries(listing([], environment)).get('--kubeconfig')).toBe('--kubeconfig= # default');
    const { notices } = expectKind(parseServeArguments(['--print-config'], environment), 'print-config');
    expect(notices).toEqual(['KUBECONFIG is ignored: IRSA_KUBE_API says how the API server is reached']);
  });

  test('says at the end why it would not start', () => {
    expect(listing([])).toMatch(/\n\n# would not start: --in-cluster is true, its default: [^\n]+\n$/);
    expect(listing(['--in-cluster=false'])).not.toContain('would not start');
  });

  test('gives the problems instead when a value is wrong', () => {
    expect(parseServeArguments(['--print-config', '--port=x'], {}).kind).toBe('problems');
    expect(parseServeArguments(['--print-config', '--unknown'], {}).kind).toBe('problems');
  });

  test('gives arguments that mean the same when they are read again', () => {
    const argv = [
      '--in-cluster=false',
      '-v5',
      '--port=0x10',
      '--token-mount-path=/a/',
      '--watch-config-map',
      '--exempt-namespaces=a, b',
    ];
    const printed = entries(listing(argv)).values();
    const again = [...printed].map(line => line.slice(0, line.indexOf(' #')));
    const settings = expectKind(parseServeArguments(again, {}), 'settings').settings;
    expect(settings).toEqual(expectKind(parseServeArguments(argv, {}), 'settings').settings);
  });

  test('passes on the notices', () => {
    const outcome = parseServeArguments(['--print-config', 'x'], {});
    expect(expectKind(outcome, 'print-config').notices).toEqual(['the argument "x" is not a flag and is ignored']);
  });
});
