import { execFile } from 'node:child_process';
import { open } from 'node:fs/promises';
import { Agent } from 'node:https';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { reviewOf } from '../../admission/support.ts';
import { fakeToken } from '../../support/fake-api-server.ts';
import { createTempFolder } from '../../support/temp-folder.ts';
import { waitFor } from '../../support/wait-for.ts';
import { roleArn, startProgram } from './program-on-fake-api.ts';
import { patchOf, post, reviewFor, startLoad } from './reviews.ts';

const secret = 'hunter2-hunter2';

describe('the log of irsa serve', () => {
  test('is one JSON object a line, with level, time and message, and the decision about each pod', async () => {
    await using program = await startProgram({ flags: ['--log-level=debug'] });
    const { webhook, api } = program;
    api.objects.put('serviceaccounts', 'ns', 'plain');
    await post(webhook, reviewFor('app', { name: 'web' }));
    await post(webhook, reviewFor('plain', { generateName: 'job-' }));
    const mutated = await webhook.logged({ msg: 'Pod was mutated.' });
    expect(mutated).toEqual({
      level: 'info',
      ts: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      msg: 'Pod was mutated.',
      uid: 'uid-1',
      namespace: 'ns',
      pod: 'web',
      serviceAccount: 'app',
      decision: 'mutated',
      reason: 'identity_injected',
      method: 'web_identity',
      role: roleArn,
      durationMs: expect.any(Number),
      dryRun: false,
    });
    const unchanged = await webhook.logged({ decision: 'no_identity' });
    expect(unchanged).toMatchObject({ level: 'debug', pod: 'job-*', reason: 'no_role', detail: expect.any(String) });
    for (const line of webhook.log()) {
      expect(line).toMatchObject({
        level: expect.stringMatching(/^(debug|info|warn|error)$/),
        ts: expect.any(String),
        msg: expect.stringMatching(/./),
      });
    }
  });

  test('holds no environment value, no token and nothing else of a pod, whatever is reviewed (E150)', async () => {
    await using program = await startProgram({ flags: ['--log-level=debug', '--drain-period=0s'] });
    const { webhook } = program;
    const env = [
      { name: 'PASSWORD', value: secret },
      { name: 'AWS_SECRET_ACCESS_KEY', value: secret },
      { name: 'AWS_ROLE_ARN', value: secret },
    ];
    const container = { name: 'app', image: secret, args: [secret], env };
    const spec = { serviceAccountName: 'app', containers: [container], imagePullSecrets: [{ name: secret }] };
    const metadata = { name: 'app', annotations: { note: secret } };
    const pod = { metadata, spec };
    const bodies = [
      reviewOf({ object: pod }),
      reviewOf({ object: pod, dryRun: true }),
      reviewOf({ object: { metadata, spec: { ...spec, serviceAccountName: 'nobody' } } }),
      reviewOf({
        object: { metadata, spec: { ...spec, containers: [{ ...container, env: secret, volumeMounts: secret }] } },
      }),
      reviewOf({ object: pod, oldObject: pod, operation: 'UPDATE' }),
      reviewOf({ object: pod, uid: '' }),
      `{"apiVersion":"${secret}"`,
      secret,
    ];
    for (const body of bodies) await post(webhook, body);
    await webhook.logged({ msg: 'Review cannot be read.' });
    expect(await webhook.stop()).toEqual({ code: 0, signal: null });
    expect(webhook.output()).toContain('Pod was mutated.');
    expect(webhook.output()).not.toContain(secret);
    expect(webhook.output()).not.toContain(fakeToken);
  });

  test('is text for a person with --log-format=text', async () => {
    await using program = await startProgram({ flags: ['--log-format=text'] });
    const { webhook } = program;
    await post(webhook, reviewFor('app'));
    const isThere = (): boolean => /INFO .*Pod was mutated\..* pod=app /i.test(webhook.output());
    await waitFor(isThere, { what: 'the line' });
    expect(() => webhook.log()).toThrow();
  });

  test('is lost when its reader goes, and the program goes on', async () => {
    await using program = await startProgram({ flags: ['--drain-period=0s'] });
    const { webhook } = program;
    webhook.closeOutput();
    const load = startLoad(webhook);
    await waitFor(() => load.answered > 300, { what: 'load', timeoutMs: 30_000 });
    expect(await load.stop()).toEqual([]);
    expect((await webhook.ask('/readyz')).status).toBe(200);
    webhook.signal('SIGTERM');
    expect(await webhook.exited).toEqual({ code: 0, signal: null });
  });

  test('never holds up a review, nor the end, when its reader is stuck: lines are dropped and counted', async () => {
    await using folder = await createTempFolder();
    const path = join(folder.path, 'stdout');
    await promisify(execFile)('mkfifo', [path]);
    // Open for both, as a reader that never reads.
    await using pipe = await open(path, 'r+');
    await using program = await startProgram({ stdout: pipe.fd, flags: ['--drain-period=0s'] });
    const { webhook } = program;
    // Names as long as they may be, so that fewer reviews fill the pipe and what may wait for it.
    const body = reviewFor('app', { name: 'n'.repeat(253) });
    const agent = new Agent({ keepAlive: true, maxSockets: 10 });
    const dropped = (): Promise<number | undefined> => webhook.metric('irsa_webhook_log_lines_dropped_total');
    const isFull = async (): Promise<boolean> => {
      const answers = await Promise.all(Array.from({ length: 100 }, () => post(webhook, body, agent)));
      expect(answers.every(answer => patchOf(answer).includes(roleArn))).toBe(true);
      return ((await dropped()) ?? 0) > 0;
    };
    await waitFor(isFull, { what: 'lines to be dropped', timeoutMs: 45_000 });
    agent.destroy();
    expect((await webhook.ask('/readyz')).status).toBe(200);
    webhook.signal('SIGTERM');
    expect(await webhook.exited).toEqual({ code: 0, signal: null });
  });
});
