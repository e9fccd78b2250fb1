import { createServer } from 'node:http';
import { describe, expect, test } from 'vitest';
import { listenOnLoopback } from '../../support/listen-on-loopback.ts';
import { patchOf, post, reviewFor } from './reviews.ts';
import { startProgram } from './program-on-fake-api.ts';
import { runIrsa } from '../../support/run-irsa.ts';

/** An instance metadata service (IMDSv2) in a region of China. */
async function startMetadataService(): Promise<{ readonly url: string } & AsyncDisposable> {
  const server = createServer((request, response) => {
    const isTokenRequest = request.method === 'PUT' && request.url === '/latest/api/token';
    response.end(isTokenRequest ? 'token' : JSON.stringify({ accountId: '444455556666', region: 'cn-north-1' }));
  });
  const { port, close } = await listenOnLoopback(server);
  return { url: `http://127.0.0.1:${port}`, [Symbol.asyncDispose]: close };
}

async function injectedRole(flags: readonly string[]): Promise<string | undefined> {
  await using program = await startProgram({
    flags: ['--compose-role-arn', ...flags],
    prepare: api => {
      api.objects.put('serviceaccounts', 'ns', 'named', { annotations: { 'eks.amazonaws.com/role-arn': 'reader' } });
    },
  });
  const patch = patchOf(await post(program.webhook, reviewFor('named')));
  return /arn:[^"]+/.exec(patch)?.[0];
}

describe('irsa serve --compose-role-arn', () => {
  test('E52: takes account and partition from the instance', async () => {
    await using metadata = await startMetadataService();
    expect(await injectedRole([`--imds-endpoint=${metadata.url}`])).toBe('arn:aws-cn:iam::444455556666:role/reader');
  });

  test('E52: takes the account by flag, and the partition from the region', async () => {
    const flags = ['--account-id=111122223333', '--aws-default-region=us-gov-west-1'];
    expect(await injectedRole(flags)).toBe('arn:aws-us-gov:iam::111122223333:role/reader');
  });

  test('E52: ends with what to do when the instance does not tell', async () => {
    const args = ['serve', '--in-cluster=false', '--port=0', '--metrics-port=0', '--compose-role-arn'];
    const environment = { KUBERNETES_SERVICE_HOST: '127.0.0.1', KUBERNETES_SERVICE_PORT: '1' };
    const { code, stdout } = await runIrsa([...args, '--imds-endpoint=http://127.0.0.1:1'], { environment });
    expect(code).toBe(3);
    expect(stdout).toContain('connect ECONNREFUSED 127.0.0.1:1');
    expect(stdout).toContain('give --account-id and --partition');
  });
});
