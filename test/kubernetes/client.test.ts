import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { KubernetesClient } from '../../src/kubernetes/client.ts';
import type { JsonObject } from '../../src/util/json.ts';
import { connectInCluster, now, type InClusterClient } from '../support/fake-api-server-connection.ts';
import { createFakeApiServer, type FakeApiServer } from '../support/fake-api-server.ts';
import { waitFor } from '../support/wait-for.ts';

const path = '/api/v1/namespaces/shop/serviceaccounts/api';
let api: FakeApiServer;
let pod: InClusterClient;
let requests: string[];

beforeEach(async () => {
  requests = [];
  api = await createFakeApiServer();
  api.objects.put('serviceaccounts', 'shop', 'api');
  pod = await connectInCluster(api, {
    requestFinished: ({ code, method, host }) => requests.push(`${code} ${method} ${host}`),
  });
});

afterEach(async () => {
  await pod[Symbol.asyncDispose]();
  await api[Symbol.asyncDispose]();
});

const get = (timeoutMs = 5_000): Promise<JsonObject> => pod.client.get(path, { timeoutMs });

describe('get()', () => {
  test('gives the object, and tells the metrics', async () => {
    expect(await get()).toMatchObject({ metadata: { name: 'api', namespace: 'shop' } });
    expect(requests).toEqual([`200 GET ${api.url.host}`]);
  });

  test.each([
    { fault: { kind: 'status', status: 404, reason: 'NotFound' }, code: 'not_found' },
    { fault: { kind: 'status', status: 429, retryAfter: 7 }, code: 'too_many_requests', retryAfterMs: 7_000 },
    { fault: { kind: 'status', status: 500 }, code: 'server_error' },
    { fault: { kind: 'body', body: 'garbage' }, code: 'malformed_response' },
    { fault: { kind: 'body', body: '[]' }, code: 'malformed_response' },
    { fault: { kind: 'body', body: '' }, code: 'malformed_response' },
    { fault: { kind: 'body', body: `{"a":"${'x'.repeat(10 * 1024 * 1024)}"}` }, code: 'response_too_large' },
    { fault: { kind: 'cut' }, code: 'connection_failed' },
    { fault: { kind: 'cut_body' }, code: 'connection_failed' },
  ] as const)('rejects with $code for the fault $fault.kind', async ({ fault, code, ...details }) => {
    api.faults.plan('get', fault);
    await expect(get()).rejects.toMatchObject({ name: 'KubernetesError', code, ...details });
    expect(await get()).toHaveProperty('metadata');
  });

  test('rejects with timed_out when there is no answer in time (fault 14)', async () => {
    api.faults.plan('get', { kind: 'hang' });
    await expect(get(50)).rejects.toMatchObject({ code: 'timed_out' });
    expect(requests).toEqual([`<error> GET ${api.url.host}`]);
  });

  test('rejects with timed_out when the credentials do not come in time', async () => {
    const credentials = (): Promise<never> => new Promise(() => undefined);
    const connection = { server: api.url, credentials, refresh: () => undefined };
    const client = new KubernetesClient(connection, { requestFinished: () => undefined }, now);
    await expect(client.get(path, { timeoutMs: 50 })).rejects.toMatchObject({ code: 'timed_out' });
  });

  test('rejects with aborted when the caller ends it', async () => {
    api.faults.plan('get', { kind: 'hang' });
    const signal = AbortSignal.timeout(20);
    await expect(pod.client.get(path, { timeoutMs: 5_000, signal })).rejects.toMatchObject({ code: 'aborted' });
  });

  test('rejects with connection_failed when nobody listens, and tells the address', async () => {
    await api[Symbol.asyncDispose]();
    await expect(get()).rejects.toMatchObject({
      code: 'connection_failed',
      message: expect.stringContaining(api.url.host),
    });
    api = await createFakeApiServer();
  });

  test('sends a request again when the kept connection had been closed', async () => {
    await get();
    api.down();
    api.up();
    expect(await get()).toHaveProperty('metadata');
  });

  test('keeps the connection for the next request', async () => {
    await get();
    await get();
    expect(api.connections).toBe(1);
  });

  test('rejects with connection_failed when the server is not the one of the CA', async () => {
    await using stranger = await createFakeApiServer();
    await pod.writeCa(stranger.ca);
    await expect(get()).rejects.toMatchObject({ code: 'connection_failed' });
  });
});

describe('lines()', () => {
  const lines = (silenceMs: number, signal = new AbortController().signal): AsyncGenerator<Buffer> =>
    pod.client.lines('/api/v1/serviceaccounts', {
      query: { watch: 'true', resourceVersion: '1', fieldSelector: undefined },
      signal,
      silenceMs: () => silenceMs,
      onContact: () => undefined,
    });

  test('gives what is sent while the stream is open, and ends with it', async () => {
    const taken: string[] = [];
    for await (const line of lines(5_000)) {
      taken.push(line.toString());
      api.watches.end();
    }
    expect(taken).toEqual([expect.stringContaining('"type":"ADDED"')]);
    expect(api.requests[0]?.query.toString()).toBe('watch=true&resourceVersion=1');
  });

  test('rejects with timed_out when the stream falls silent (fault 13)', async () => {
    const taken: string[] = [];
    const reading = (async () => {
      for await (const line of lines(100)) taken.push(line.toString());
    })();
    await expect(reading).rejects.toMatchObject({ code: 'timed_out' });
    expect(taken).toHaveLength(1);
  });

  test('goes on while there is a sign of life', async () => {
    let taken = 0;
    for await (const _ of lines(1_000)) {
      taken += 1;
      if (taken === 8) break;
      setTimeout(() => api.watches.send('{}'), 150);
    }
    // Eight lines 150 ms apart take longer than the silence that is allowed.
    expect(taken).toBe(8);
  });

  test('closes the connection when the caller stops reading', async () => {
    for await (const _ of lines(5_000)) break;
    await waitFor(() => api.watches.size === 0, { what: 'the watch to be closed' });
  });

  test('rejects with connection_failed when the stream is cut', async () => {
    const stream = lines(5_000);
    await stream.next();
    api.watches.cut();
    await expect(stream.next()).rejects.toMatchObject({ code: 'connection_failed' });
  });

  test('rejects with aborted when the signal ends it', async () => {
    const ending = new AbortController();
    const stream = lines(5_000, ending.signal);
    await stream.next();
    setTimeout(() => ending.abort(), 10);
    await expect(stream.next()).rejects.toMatchObject({ code: 'aborted' });
  });

  test('rejects with the error of the status before any line', async () => {
    api.faults.plan('watch', { kind: 'status', status: 403, message: 'forbidden' });
    await expect(lines(5_000).next()).rejects.toMatchObject({ code: 'forbidden', message: 'forbidden' });
  });
});
