import { beforeAll, describe, expect, test } from 'vitest';
import { programImages } from '../machine/image-names.ts';
import { application, outputOf, script } from '../support/application.ts';
import { apply } from '../support/kubectl.ts';
import { roleArn, serviceAccount, useNamespace } from '../support/namespace.ts';
import { ensureInstalled } from '../support/release.ts';
import { deploySts, type StsStandIn } from '../support/sts.ts';

const namespace = useNamespace();
const role = roleArn('reader');
/** The kubelet renews at 80 % of the shortest life it may give, 600 s, with some jitter. */
const patienceMs = 15 * 60_000;
let sts: StsStandIn;

beforeAll(async () => {
  await ensureInstalled();
  const annotations = { 'eks.amazonaws.com/token-expiration': '600' };
  await apply(serviceAccount({ namespace, name: 'reader', role, annotations }));
  sts = await deploySts(namespace, { [role]: 'reader' });
});

describe('a token of ten minutes', () => {
  test('is renewed in place, and the application goes on with the new one', { timeout: patienceMs }, async () => {
    const command = script(`
      const { readFileSync } = await import('node:fs');
      const { execFileSync } = await import('node:child_process');
      const token = () => readFileSync(process.env.AWS_WEB_IDENTITY_TOKEN_FILE, 'utf8');
      const first = token();
      while (token() === first) await new Promise(next => setTimeout(next, 5000));
      console.log(execFileSync(process.execPath, ['/programs/who-am-i.js']).toString());`);
    const options = { namespace, name: 'patient', serviceAccount: 'reader', image: programImages.javascript, sts };
    await apply(application({ ...options, command }));
    expect(await outputOf(namespace, 'patient', { timeoutMs: patienceMs })).toContain('assumed-role/reader/');
  });
});
