import { describe, expect, test } from 'vitest';
import { createFakeApiServer } from '../../support/fake-api-server.ts';
import { heldBytes } from '../../support/held-bytes.ts';
import { waitFor } from '../../support/wait-for.ts';
import { quickReflector, role, roleOf, runSources } from './running-sources.ts';

const prefix = 'eks.amazonaws.com';
/** What the API server takes for all annotations of an object together is 256 KiB. */
const longest = 260_000;
const longName = 'n'.repeat(240);

/**
 * At most a key of 317 characters, a role of 640, an audience of 2,048, a detail of some 700 for each of four notices, all of
 * two bytes a character, and the objects that hold them.
 */
const maxBytesOfAccount = 12_288;
const count = 100;

const hostile: readonly { readonly name: string; readonly annotations: Readonly<Record<string, string>> }[] = [
  { name: 'a role in 260,000 spaces', annotations: { [`${prefix}/role-arn`]: role('app').padEnd(longest) } },
  { name: 'a role that is as long', annotations: { [`${prefix}/role-arn`]: role('x'.repeat(longest)) } },
  { name: 'spaces around a role that are just read', annotations: { [`${prefix}/role-arn`]: role('a').padEnd(2_048) } },
  { name: 'a long audience', annotations: { [`${prefix}/audience`]: 'é'.repeat(longest) } },
  { name: 'an audience of two bytes a character', annotations: { [`${prefix}/audience`]: '☃'.repeat(2_048) } },
  { name: 'a long lifetime', annotations: { [`${prefix}/token-expiration`]: '9'.repeat(longest) } },
  { name: 'a lifetime in spaces', annotations: { [`${prefix}/token-expiration`]: '3600'.padEnd(2_048) } },
  { name: 'a long text of an endpoint', annotations: { [`${prefix}/sts-regional-endpoints`]: '"'.repeat(2_048) } },
  {
    name: 'all four with the longest notices',
    annotations: Object.fromEntries(
      ['role-arn', 'audience', 'sts-regional-endpoints', 'token-expiration'].map(name => [
        `${prefix}/${name}`,
        '\u0085'.repeat(name === 'role-arn' ? 106 : 2_000),
      ]),
    ),
  },
  { name: 'an annotation that nobody reads', annotations: { [`${prefix}/other`]: 'x'.repeat(longest) } },
  {
    name: 'many annotations',
    annotations: Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`${prefix}/a${index}`, 'x'])),
  },
];

describe.each([{ streamsLists: true }, { streamsLists: false }])('with streamed lists: $streamsLists', options => {
  test.each(hostile)('the memory of an account is bounded when it has $name (E170)', async ({ annotations }) => {
    await using api = await createFakeApiServer(options);
    for (let index = 0; index < count; index += 1) {
      api.objects.put('serviceaccounts', 'shop', `${longName}-${index}`, { annotations });
    }
    api.objects.put('serviceaccounts', 'shop', 'other', { annotations: { [`${prefix}/role-arn`]: role('other') } });
    const before = heldBytes();
    await using running = await runSources(api, { reflector: { ...quickReflector, listSilenceMs: 30_000 } });
    await running.ready();
    expect(roleOf(running.askNow('shop', 'other'))).toBe(role('other'));
    // What the client and the server of this test hold for their connections is not the account's, and is gone in a moment.
    const ofConnections = 3_000_000;
    await waitFor(() => heldBytes() - before < count * maxBytesOfAccount + ofConnections, { what: 'bounded memory' });
  });
});
