import { expect, test } from 'vitest';
import { createFakeApiServer } from '../../support/fake-api-server.ts';
import { createTempFolder } from '../../support/temp-folder.ts';
import { waitFor } from '../../support/wait-for.ts';
import { annotated, role, roleOf, runSources } from './running-sources.ts';

const identities = JSON.stringify({ identities: [{ namespace: 'shop', serviceAccount: 'api' }] });

test('an association wins over a role, from the moment it is in the file to the moment it is not (E65)', async () => {
  await using api = await createFakeApiServer();
  await using folder = await createTempFolder();
  api.objects.put('serviceaccounts', 'shop', 'api', annotated('api'));
  const path = await folder.write('config.json', identities);
  await using running = await runSources(api, { associations: { path, pollMs: 50, settleMs: 50 } });
  await running.ready();
  expect(roleOf(running.askNow('shop', 'api'))).toBe('container_credentials');
  await folder.write('config.json', '{"identities":[]}');
  await waitFor(() => roleOf(running.askNow('shop', 'api')) === role('api'), { what: 'the association to end' });
});

test('an association needs no account: without one the flags count (E65)', async () => {
  await using api = await createFakeApiServer();
  await using folder = await createTempFolder();
  const path = await folder.write('config.json', identities);
  await using running = await runSources(api, { associations: { path, pollMs: 50, settleMs: 50 } });
  await running.ready();
  expect(roleOf(await running.ask('shop', 'api'))).toBe('container_credentials');
  api.down();
  expect(roleOf(await running.ask('shop', 'api'))).toBe('container_credentials');
});

test('until the file has been read nobody is answered', async () => {
  await using api = await createFakeApiServer();
  await using folder = await createTempFolder();
  api.objects.put('serviceaccounts', 'shop', 'api', annotated('api'));
  // A folder cannot be read as a file.
  const associations = { path: folder.path, pollMs: 50, settleMs: 50 };
  await using running = await runSources(api, { associations });
  await running.knows(1);
  expect(roleOf(await running.ask('shop', 'api'))).toBe('associations_not_loaded');
  expect(running.sources.health()).toMatchObject({ kind: 'unhealthy', detail: expect.stringContaining('EISDIR') });
  expect(running.sources.status()).toContainEqual(
    expect.objectContaining({ resource: 'associations', synced: false, objects: 0 }),
  );
});
