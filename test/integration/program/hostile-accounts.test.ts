import { describe, expect, test } from 'vitest';
import { residentMemory } from '../../faults/support/resident-memory.ts';
import type { FakeApiServer } from '../../support/fake-api-server.ts';
import { imageEnvironment } from '../../support/image-start.ts';
import { waitFor } from '../../support/wait-for.ts';
import { startProgram } from './program-on-fake-api.ts';

/** Of the container, in MB. */
const limit = 268;
const roleArn = 'arn:aws:iam::111122223333:role/app';

const hostile: readonly { readonly name: string; readonly text: string; readonly count: number }[] = [
  { name: 'a role in 260,000 spaces', text: roleArn.padEnd(260_000), count: 300 },
  { name: '260,000 characters that JSON makes six times as long', text: '\u0001'.repeat(260_000), count: 50 },
];

/** What V8 allows itself in a container of 256 MiB. */
const heapLimit = '--max-old-space-size=128';

function putHostile(api: FakeApiServer, text: string, count: number): void {
  for (let index = 0; index < count; index += 1) {
    api.objects.put('serviceaccounts', 'hostile', `a${index}`, { annotations: { 'eks.amazonaws.com/role-arn': text } });
  }
}

describe.each([
  { lists: 'streamed', flags: [] },
  { lists: 'in pages', flags: ['--watch-list=false'] },
])('the memory of a container is enough when lists come $lists', ({ flags }) => {
  test.each(hostile)('and $count accounts have $name (E170)', async ({ text, count }) => {
    await using program = await startProgram({
      prepare: api => putHostile(api, text, count),
      environment: imageEnvironment(heapLimit),
      flags,
    });
    const { webhook } = program;
    const series = 'irsa_webhook_cache_objects{resource="serviceaccounts"}';
    await waitFor(async () => (await webhook.metric(series)) === count + 1, { what: 'all accounts' });
    expect((await residentMemory(webhook.pid)).peak).toBeLessThan(limit);
    expect(webhook.isRunning()).toBe(true);
  });
});
