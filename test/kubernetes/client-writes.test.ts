import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { KubernetesClient } from '../../src/kubernetes/client.ts';
import { secretsPath } from '../../src/kubernetes/paths.ts';
import { FakeApi, secretPath } from '../certificates/self-managed/fake-api.ts';
import { namespace, secretName } from '../certificates/self-managed/running-authority.ts';

const options = { timeoutMs: 5_000 };
const list = secretsPath(namespace);
const secret = { metadata: { name: secretName }, data: { key: 'b25l' } };

let api: FakeApi;
let client: KubernetesClient;
let finished: { readonly method: string; readonly code: string; readonly serverDateMs?: number | undefined }[];

beforeEach(async () => {
  api = await FakeApi.start();
  finished = [];
  const observer = { requestFinished: (request: (typeof finished)[number]) => void finished.push(request) };
  client = new KubernetesClient(api.connection('test'), observer, () => performance.now());
});

afterEach(() => api[Symbol.asyncDispose]());

describe('create()', () => {
  test('gives the object as the API server has it then, and counts as POST', async () => {
    expect(await client.create(list, secret, options)).toEqual(api.get(secretPath));
    expect(finished).toMatchObject([{ method: 'POST', code: '201' }]);
  });

  test('rejects with already_exists when there is one', async () => {
    api.set(secretPath, secret);
    await expect(client.create(list, secret, options)).rejects.toMatchObject({ code: 'already_exists', status: 409 });
  });
});

describe('replace()', () => {
  test('replaces the object that was read, and counts as PUT', async () => {
    api.set(secretPath, secret);
    const changed = { ...(await client.get(secretPath, options)), data: { key: 'dHdv' } };
    expect(await client.replace(secretPath, changed, options)).toEqual(api.get(secretPath));
    expect(api.get(secretPath)).toMatchObject({ data: { key: 'dHdv' } });
    expect(finished.at(-1)).toMatchObject({ method: 'PUT', code: '200' });
  });

  test('rejects with conflict when somebody has changed it since', async () => {
    api.set(secretPath, secret);
    const read = await client.get(secretPath, options);
    api.set(secretPath, secret);
    await expect(client.replace(secretPath, read, options)).rejects.toMatchObject({ code: 'conflict', status: 409 });
  });

  test('rejects with not_found when it is gone', async () => {
    await expect(client.replace(secretPath, secret, options)).rejects.toMatchObject({ code: 'not_found' });
  });
});

describe('patch()', () => {
  test('applies a JSON Patch, and counts as PATCH', async () => {
    api.set(secretPath, secret);
    const patched = await client.patch(secretPath, [{ op: 'add', path: '/data/other', value: 'dHdv' }], options);
    expect(patched).toMatchObject({ data: { key: 'b25l', other: 'dHdv' } });
    expect(finished).toMatchObject([{ method: 'PATCH', code: '200' }]);
  });

  test('rejects with invalid when a test in it fails, and changes nothing', async () => {
    api.set(secretPath, secret);
    const before = api.get(secretPath);
    const operations = [
      { op: 'test', path: '/data/key', value: 'other' },
      { op: 'remove', path: '/data/key' },
    ] as const;
    await expect(client.patch(secretPath, operations, options)).rejects.toMatchObject({ code: 'invalid', status: 422 });
    expect(api.get(secretPath)).toEqual(before);
  });
});

describe('every write', () => {
  test.each([
    ['create', () => client.create(list, secret, { timeoutMs: 50 })],
    ['replace', () => client.replace(secretPath, secret, { timeoutMs: 50 })],
    ['patch', () => client.patch(secretPath, [], { timeoutMs: 50 })],
  ])('is given up when its time is over: %s()', async (_name, write) => {
    api.before = () => new Promise(() => undefined);
    await expect(write()).rejects.toMatchObject({ code: 'timed_out' });
  });

  test('tells the clock of the API server', async () => {
    api.clockAheadMs = 3_600_000;
    await client.create(list, secret, options);
    const aheadMs = (finished[0]?.serverDateMs ?? 0) - Date.now();
    expect(aheadMs).toBeGreaterThan(3_590_000);
    expect(aheadMs).toBeLessThanOrEqual(3_600_000);
  });
});
