import { describe, expect, test } from 'vitest';
import { waitFor } from '../../support/wait-for.ts';
import { annotations, roleArn, startProgram } from './program-on-fake-api.ts';
import { patchOf, post, reviewFor, startLoad } from './reviews.ts';

describe('irsa serve, told to end', () => {
  test('by SIGTERM, serves on until its clients have left, loses nothing, and exits 0 (E143, E144)', async () => {
    await using program = await startProgram({ flags: ['--drain-period=4s'] });
    const { webhook } = program;
    const load = startLoad(webhook);
    await waitFor(() => load.answered > 50, { what: 'load', timeoutMs: 30_000 });
    webhook.signal('SIGTERM');
    await waitFor(async () => (await webhook.ask('/readyz')).status === 503, { what: 'the drain' });
    expect((await webhook.ask('/readyz')).body).toContain('[-]shutdown failed: the process is about to end\n');
    const before = load.answered;
    // As an API server does that learns after a while that the endpoint is gone.
    await waitFor(() => load.answered > before + 20, { what: 'load in the drain' });
    expect(await load.stop()).toEqual([]);
    expect(await webhook.exited).toEqual({ code: 0, signal: null });
    // The log is complete: it is written before the end.
    const messages = webhook.log().map(({ msg }) => msg);
    const expected = ['Signal received.', 'Draining.', 'Closing.', 'Closed.'];
    expect(messages.filter(message => expected.includes(String(message)))).toEqual(expected);
    expect(messages.filter(message => message === 'Pod was mutated.')).toHaveLength(load.answered);
  });

  test('by SIGINT, exits 0 too', async () => {
    await using program = await startProgram({ flags: ['--drain-period=0s'] });
    expect(await program.webhook.stop('SIGINT')).toEqual({ code: 0, signal: null });
  });

  test('answers a review that waits for the API server when the listener closes (E143)', async () => {
    await using program = await startProgram({
      flags: ['--drain-period=0s', '--service-account-lookup-grace-period=10s'],
    });
    const { webhook, api } = program;
    const asked = Promise.withResolvers<void>();
    api.faults.plan('get', { kind: 'hold', until: asked.promise });
    const waiting = post(webhook, reviewFor('unknown'));
    await waitFor(() => api.count('get') === 1, { what: 'the live read' });
    api.objects.put('serviceaccounts', 'ns', 'unknown', { annotations });
    webhook.signal('SIGTERM');
    await webhook.logged({ msg: 'Closing.' });
    asked.resolve();
    expect(patchOf(await waiting)).toContain(roleArn);
    expect(await webhook.exited).toEqual({ code: 0, signal: null });
  });

  test('twice, ends at once', async () => {
    await using program = await startProgram({ flags: ['--drain-period=10m'] });
    const { webhook } = program;
    webhook.signal('SIGTERM');
    await webhook.logged({ msg: 'Draining.' });
    expect(webhook.isRunning()).toBe(true);
    expect(await webhook.stop('SIGTERM')).toEqual({ code: 1, signal: null });
  });

  test.each([
    { name: 'without an API server', options: { prepare: (api: { down(): void }) => api.down() } },
    { name: 'without a certificate', options: { withCertificate: false } },
    { name: 'without a token', options: { withToken: false } },
  ])('before it is ready, $name, exits 0 as well', async ({ options }) => {
    await using program = await startProgram({ untilReady: false, flags: ['--drain-period=0s'], ...options });
    const { webhook } = program;
    await webhook.logged({ msg: 'Listening.', flag: '--port' });
    await waitFor(async () => (await webhook.ask('/readyz')).status === 503, { what: 'the listener' });
    expect(await webhook.stop('SIGTERM')).toEqual({ code: 0, signal: null });
  });

  test('while its API server does not answer, exits 0 all the same', async () => {
    await using program = await startProgram({
      untilReady: false,
      flags: ['--drain-period=0s', '--shutdown-timeout=1s'],
      prepare: api => {
        api.faults.plan('watch', { kind: 'hang' }, 100);
        api.faults.plan('get', { kind: 'hang' }, 100);
      },
    });
    const { webhook, api } = program;
    await webhook.listening();
    const waiting = post(webhook, reviewFor('app')).catch((error: unknown) => error);
    await waitFor(() => api.count('get') === 1, { what: 'the live read' });
    expect(await webhook.stop('SIGTERM')).toEqual({ code: 0, signal: null });
    await waiting;
  });
});
