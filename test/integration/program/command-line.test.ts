import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import packageJson from '../../../package.json' with { type: 'json' };
import { listenOnLoopback } from '../../support/listen-on-loopback.ts';
import { runIrsa } from '../../support/run-irsa.ts';

const helpPath = join(import.meta.dirname, '..', '..', 'configuration', 'help.txt');

describe('irsa', () => {
  test.each([{ args: ['--version'] }, { args: ['version'] }, { args: ['serve', '--version'] }])(
    '$args shows the version and nothing else',
    async ({ args }) => {
      expect(await runIrsa(args)).toEqual({ code: 0, stdout: `${packageJson.version}\n`, stderr: '' });
    },
  );

  test('--help lists the commands', async () => {
    const { code, stdout, stderr } = await runIrsa(['--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^Usage: irsa /m);
    expect(stdout).toMatch(/^ {2}serve /m);
  });

  test.each([{ args: ['sreve'] }, { args: ['--sreve'] }, { args: [] }])('$args is wrong usage', async ({ args }) => {
    const { code, stdout, stderr } = await runIrsa(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).not.toBe('');
  });

  test.each(['--help', '-h'])('serve %s shows the flags by group', async flag => {
    const help = await readFile(helpPath, 'utf8');
    expect(await runIrsa(['serve', flag])).toEqual({ code: 0, stdout: help, stderr: '' });
  });

  test('serve --print-config shows each setting with its origin', async () => {
    const args = ['serve', '--in-cluster=false', '--port=0x20fb', '--print-config', '-v', '4'];
    const { code, stdout, stderr } = await runIrsa(args, { environment: { IRSA_TOKEN_AUDIENCE: 'vault' } });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^--port=8443 +# flag --port$/m);
    expect(stdout).toMatch(/^--token-audience=vault +# environment IRSA_TOKEN_AUDIENCE$/m);
    expect(stdout).toMatch(/^--log-level=debug +# flag -v$/m);
    expect(stdout).toMatch(/^--drain-period=10s +# default$/m);
  });

  test('serve reports all that is wrong with its flags at once, and does not start', async () => {
    const args = [
      'serve',
      '--in-cluster=false',
      '--prot=1',
      '--port=99999',
      '--drain-period=5',
      '--sts-regional-endpoint=j',
    ];
    const { code, stdout, stderr } = await runIrsa(args, { environment: { IRSA_LOG_LEVEL: 'loud' } });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    for (const found of ['--prot', '99999', '--drain-period', '--sts-regional-endpoint', 'IRSA_LOG_LEVEL']) {
      expect(stderr).toMatch(new RegExp(`^error: .*${found}`, 'm'));
    }
    expect(stderr).toContain('irsa serve --help');
  });

  test('serve says what to do about the --in-cluster=true of the AWS webhook, its default', async () => {
    for (const args of [['serve'], ['serve', '--in-cluster']]) {
      const { code, stdout, stderr } = await runIrsa(args);
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toMatch(/^error: --in-cluster is true.*Use --in-cluster=false --tls-cert=FILE --tls-key=FILE/m);
    }
  });
});

describe('irsa serve, when it cannot serve at all', () => {
  const flags = ['--in-cluster=false', '--bind-address=127.0.0.1', '--metrics-bind-address=127.0.0.1'];
  const cluster = { KUBERNETES_SERVICE_HOST: '127.0.0.1', KUBERNETES_SERVICE_PORT: '1' };

  /** The detail of the one error in the log. */
  const reason = (stdout: string): unknown => {
    const lines = stdout.split('\n').filter(line => line !== '');
    return lines.map(line => JSON.parse(line)).find(({ msg }) => msg === 'Cannot serve.')?.detail;
  };

  test('says that it finds no API server', async () => {
    const { code, stdout, stderr } = await runIrsa(['serve', ...flags, '--port=0', '--metrics-port=0']);
    expect({ code, stderr }).toEqual({ code: 3, stderr: '' });
    expect(reason(stdout)).toMatch(
      /^expected KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT, as in a pod, or a kubeconfig/,
    );
  });

  test('says that the kubeconfig cannot be read', async () => {
    const args = ['serve', ...flags, '--port=0', '--metrics-port=0', '--kubeconfig=/no/such/file'];
    const { code, stdout } = await runIrsa(args);
    expect(code).toBe(3);
    expect(reason(stdout)).toMatch(/^kubeconfig \/no\/such\/file: expected a readable kubeconfig: ENOENT/);
  });

  test('says that its port is taken, and by which flag to choose another (E146)', async () => {
    const other = await listenOnLoopback(createServer());
    const { code, stdout } = await runIrsa(['serve', ...flags, `--port=${other.port}`, '--metrics-port=0'], {
      environment: cluster,
    });
    await other.close();
    expect(code).toBe(3);
    expect(reason(stdout)).toMatch(new RegExp(`^cannot listen on 127.0.0.1:${other.port} \\(EADDRINUSE\\): .* --port`));
  });

  test('says that the account for --compose-role-arn cannot be found out', async () => {
    const args = ['--port=0', '--metrics-port=0', '--compose-role-arn', '--imds-endpoint=http://127.0.0.1:1'];
    const { code, stdout } = await runIrsa(['serve', ...flags, ...args], { environment: cluster });
    expect(code).toBe(3);
    expect(reason(stdout)).toContain('--account-id');
  });
});
