import { describe, expect, test } from 'vitest';
import { readFlags } from '../../src/configuration/flags.ts';
import { serveRowsByName } from '../../src/configuration/serve-settings.ts';

/** Each outcome, accepted or refused and with which texts, was checked against pflag 1.0.9 with klog's flags. */
const accepted: readonly (readonly [argv: readonly string[], texts: Readonly<Record<string, string>>])[] = [
  [[], {}],
  [['--port', '8443'], { port: '8443' }],
  [['--port=8443'], { port: '8443' }],
  [['--port', '1', '--port=2'], { port: '2' }],
  [['--port='], { port: '' }],
  [['--port', ''], { port: '' }],
  [['--port', '-1'], { port: '-1' }],
  [['--namespace=a=b'], { namespace: 'a=b' }],
  [['--in-cluster'], { 'in-cluster': 'true' }],
  [['--in-cluster=false'], { 'in-cluster': 'false' }],
  [['--in-cluster='], { 'in-cluster': '' }],
  [['--logtostderr', '--port', '1'], { logtostderr: 'true', port: '1' }],
  [['--log_dir', '/tmp'], { log_dir: '/tmp' }],
  [['-v', '4'], { v: '4' }],
  [['-v=4'], { v: '4' }],
  [['-v4'], { v: '4' }],
  [['-v='], { v: '=' }],
  [['-v', '-1'], { v: '-1' }],
  [['-vh'], { v: 'h' }],
  [['-v=4=5'], { v: '4=5' }],
  [['--v=4'], { v: '4' }],
  [['--v', '4'], { v: '4' }],
  [['-v', '--port=1'], { v: '--port=1' }],
  [['--', '--port=1', '-x', '--unknown'], {}],
  [['--kubeconfig', '--'], { kubeconfig: '--' }],
  [['-'], {}],
  [[''], {}],
  [['a', '--port=1', 'b'], { port: '1' }],
];

const refused: readonly (readonly [argv: readonly string[], problems: readonly string[]])[] = [
  [['--unknown'], ['unknown flag: --unknown']],
  [['--unknown=1'], ['unknown flag: --unknown']],
  [['--token-expiraton=5'], ['unknown flag: --token-expiraton (did you mean --token-expiration?)']],
  [['--token_expiration=5'], ['unknown flag: --token_expiration (did you mean --token-expiration?)']],
  [['--inCluster=false'], ['unknown flag: --inCluster (did you mean --in-cluster?)']],
  [['--Port=1'], ['unknown flag: --Port (did you mean --port?)']],
  [['--log-to-stderr'], ['unknown flag: --log-to-stderr (did you mean --logtostderr?)']],
  [['--no-in-cluster'], ['unknown flag: --no-in-cluster (did you mean --in-cluster?)']],
  [['--constructor'], ['unknown flag: --constructor']],
  [['--__proto__=1'], ['unknown flag: --__proto__']],
  [['--toString'], ['unknown flag: --toString']],
  [['--a b'], ['unknown flag: "--a b"']],
  [['--x\u001b[31m'], ['unknown flag: "--x\\u001b[31m"']],
  [['---port'], ['bad flag syntax: "---port"']],
  [['--=1'], ['bad flag syntax: "--=1"']],
  [['--port'], ['flag needs an argument: --port']],
  [['--v'], ['flag needs an argument: --v']],
  [['-v'], ['flag needs an argument: -v']],
  [['-logtostderr'], ['unknown shorthand flag: "l" in -logtostderr (did you mean --logtostderr?)']],
  [['-port=1'], ['unknown shorthand flag: "p" in "-port=1" (did you mean --port?)']],
  [['-x'], ['unknown shorthand flag: "x" in -x']],
  [
    ['-x', '--y', '---z'],
    ['unknown shorthand flag: "x" in -x', 'unknown flag: --y', 'bad flag syntax: "---z"'],
  ],
];

describe('readFlags()', () => {
  test.each(accepted)('reads %j as pflag does', (argv, texts) => {
    const flags = readFlags(argv, serveRowsByName);
    expect(Object.fromEntries([...flags.texts].map(([name, { text }]) => [name, text]))).toEqual(texts);
    expect(flags.problems).toEqual([]);
    expect(flags.help).toBe(false);
  });

  test.each(refused)('refuses %j as pflag does', (argv, problems) => {
    expect(readFlags(argv, serveRowsByName).problems).toEqual(problems);
  });

  test.each([[['--help']], [['-h']], [['--help=x']], [['-hv']], [['-h4']], [['--port=x', 'a', '--help']]])(
    'understands %j as a call for help',
    argv => {
      expect(readFlags(argv, serveRowsByName).help).toBe(true);
    },
  );

  test.each([[['--', '--help']], [['--kubeconfig', '--help']], [['-vh']], [['help']]])(
    'does not understand %j as a call for help',
    argv => {
      expect(readFlags(argv, serveRowsByName).help).toBe(false);
    },
  );

  test.each([
    [
      ['--in-cluster', 'false'],
      [
        '--in-cluster: is true, and the argument "false" is ignored; a boolean takes its value after "=": --in-cluster=false',
      ],
    ],
    [
      ['--watch-config-map', '0'],
      [
        '--watch-config-map: is true, and the argument "0" is ignored; a boolean takes its value after "=": --watch-config-map=0',
      ],
    ],
    [['--in-cluster=false', 'false'], ['the argument "false" is not a flag and is ignored']],
    [['--in-cluster', 'maybe'], ['the argument "maybe" is not a flag and is ignored']],
    [
      ['serve', '--', '-x'],
      ['the argument "serve" is not a flag and is ignored', 'the argument "-x" is not a flag and is ignored'],
    ],
    [['--in-cluster', '--', 'false'], ['the argument "false" is not a flag and is ignored']],
    [
      ['--kubeconfig', '--in-cluster=false'],
      ['--kubeconfig: the next argument, "--in-cluster=false", is its value and no flag'],
    ],
    [['--kubeconfig', '--file'], []],
    [['--kubeconfig=--in-cluster=false'], []],
    [['--port', '1'], []],
  ])('notices in %j what pflag takes without a word', (argv, notices) => {
    expect(readFlags(argv, serveRowsByName).notices).toEqual(notices);
  });
});
