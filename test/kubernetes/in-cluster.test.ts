import { describe, expect, test } from 'vitest';
import { InClusterConnection, inClusterServer } from '../../src/kubernetes/open-connection.ts';
import { createCertificateAuthority } from '../support/certificates.ts';
import { connectInCluster } from '../support/fake-api-server-connection.ts';
import { createFakeApiServer, fakeToken } from '../support/fake-api-server.ts';
import { createTempFolder } from '../support/temp-folder.ts';

const list = { timeoutMs: 5_000 };
const listPath = '/api/v1/serviceaccounts';

describe('inClusterServer()', () => {
  test.each([
    { host: '10.96.0.1', port: '443', expected: 'https://10.96.0.1/' },
    { host: 'fd00::1', port: '6443', expected: 'https://[fd00::1]:6443/' },
    { host: 'kubernetes.default', port: '443', expected: 'https://kubernetes.default/' },
  ])('gives $expected for $host and $port (E145)', ({ host, port, expected }) => {
    expect(inClusterServer(host, port).href).toBe(expected);
  });

  test.each([
    { host: undefined, port: '443' },
    { host: '', port: '443' },
    { host: '10.96.0.1', port: 'tcp://10.96.0.1' },
    { host: 'a b', port: '443' },
  ])('throws no_credentials for host $host and port $port', ({ host, port }) => {
    expect(() => inClusterServer(host, port)).toThrow(expect.objectContaining({ code: 'no_credentials' }));
  });
});

describe('InClusterConnection', () => {
  test('sends a new token at once after a 401 (fault 24)', async () => {
    await using api = await createFakeApiServer();
    await using pod = await connectInCluster(api);
    await pod.client.get(listPath, list);
    api.tokens.clear();
    api.tokens.add('second-token');
    await pod.writeToken('second-token\n');
    await pod.client.get(listPath, list);
    expect(api.requests.map(request => request.token)).toEqual([fakeToken, fakeToken, 'second-token']);
  });

  test('rejects with unauthorized when the token in the file is refused too', async () => {
    await using api = await createFakeApiServer();
    await using pod = await connectInCluster(api);
    api.tokens.clear();
    await expect(pod.client.get(listPath, list)).rejects.toMatchObject({ code: 'unauthorized' });
    expect(api.requests).toHaveLength(2);
  });

  test('reads the token again after ten seconds, not before (fault 24)', async () => {
    await using api = await createFakeApiServer();
    const clock = { ms: 0 };
    await using pod = await connectInCluster(api, undefined, () => clock.ms);
    api.tokens.add('second-token');
    await pod.client.get(listPath, list);
    await pod.writeToken('second-token');
    clock.ms = 9_999;
    await pod.client.get(listPath, list);
    clock.ms = 10_000;
    await pod.client.get(listPath, list);
    expect(api.requests.map(request => request.token)).toEqual([fakeToken, fakeToken, 'second-token']);
  });

  test('trusts a new CA after one failed request (fault 24)', async () => {
    await using api = await createFakeApiServer();
    await using pod = await connectInCluster(api);
    await pod.client.get(listPath, list);
    const authority = createCertificateAuthority();
    const { certificate, key } = authority.issue({ hosts: ['127.0.0.1'] });
    api.replaceCertificate(certificate, key);
    await pod.writeCa(authority.certificate);
    api.down();
    api.up();
    await expect(pod.client.get(listPath, list)).rejects.toMatchObject({ code: 'connection_failed' });
    expect(await pod.client.get(listPath, list)).toHaveProperty('items');
  });

  test('goes on with what it has when a file is gone for a moment', async () => {
    await using api = await createFakeApiServer();
    await using pod = await connectInCluster(api);
    await pod.client.get(listPath, list);
    await pod.writeToken('');
    pod.connection.refresh();
    expect(await pod.client.get(listPath, list)).toHaveProperty('items');
  });

  test.each([
    { name: 'no token', token: undefined, ca: 'ca', file: 'token' },
    { name: 'an empty token', token: ' \n', ca: 'ca', file: 'token' },
    { name: 'no CA', token: 'token', ca: undefined, file: 'ca.crt' },
  ])('rejects with no_credentials and the path when there is $name', async ({ token, ca, file }) => {
    await using folder = await createTempFolder();
    if (token !== undefined) await folder.write('token', token);
    if (ca !== undefined) await folder.write('ca.crt', ca);
    const connection = new InClusterConnection({
      server: new URL('https://127.0.0.1'),
      tokenPath: `${folder.path}/token`,
      caPath: `${folder.path}/ca.crt`,
      now: () => 0,
    });
    await expect(connection.credentials()).rejects.toMatchObject({
      code: 'no_credentials',
      message: expect.stringContaining(`${folder.path}/${file}`),
    });
  });
});
