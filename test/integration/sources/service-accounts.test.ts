import { describe, expect, test } from 'vitest';
import { createFakeApiServer } from '../../support/fake-api-server.ts';
import { waitFor } from '../../support/wait-for.ts';
import { annotated, role, roleOf, runSources } from './running-sources.ts';

describe.each([{ streamsLists: true }, { streamsLists: false }])('with streamed lists: $streamsLists', options => {
  test('identityOf() answers at once what list and watch told', async () => {
    await using api = await createFakeApiServer(options);
    api.objects.put('serviceaccounts', 'shop', 'listed', annotated('listed'));
    await using running = await runSources(api);
    await running.ready();
    expect(roleOf(running.askNow('shop', 'listed'))).toBe(role('listed'));
    api.objects.put('serviceaccounts', 'shop', 'watched', annotated('watched'));
    await waitFor(() => roleOf(running.askNow('shop', 'watched')) === role('watched'), { what: 'the watch event' });
    expect(api.count('get')).toBe(0);
  });
});
