import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pod, reviewOf } from '../../admission/support.ts';
import { send, type Answer } from '../../server/client.ts';
import { startServer, type RunningServer } from '../../server/running-server.ts';

let server: RunningServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

/** What a client sees, whole: status, body, and the headers that say something. */
function essence({ status, headers, body }: Answer): object {
  const { allow, 'content-type': type, 'retry-after': retryAfter } = headers;
  return { status, type, body, ...(allow && { allow }), ...(retryAfter && { retryAfter }) };
}

function error(status: number, text: string): object {
  return { status, type: 'application/json; charset=utf-8', body: JSON.stringify({ error: text }) };
}

/** The patch of an answer, or its absence. */
function patchOf({ body }: Answer): unknown {
  const { patch } = JSON.parse(body).response;
  return patch === undefined ? undefined : JSON.parse(Buffer.from(patch, 'base64').toString());
}

const noJson = 'expected a JSON document, found something else';
const tooManyParts = 'expected a review of at most 500000 objects, lists, members and entries, found more';
const notPosted = 'expected the method POST, found';

describe('POST /mutate refuses', () => {
  test.each([
    { name: 'E4: an empty body', body: '', expected: error(400, 'expected a JSON document, found an empty body') },
    { name: 'E4: null', body: 'null', expected: error(400, 'expected a JSON object of kind AdmissionReview') },
    { name: 'E4: a list', body: '[]', expected: error(400, 'expected a JSON object of kind AdmissionReview') },
    { name: 'E4: a string', body: '"x"', expected: error(400, 'expected a JSON object of kind AdmissionReview') },
    { name: 'E4: YAML', body: 'kind: AdmissionReview', expected: error(400, noJson) },
    { name: 'E4: truncated JSON', body: reviewOf().slice(0, -2), expected: error(400, noJson) },
    { name: 'E4: bytes that are no text', body: Buffer.from([0xff, 0xfe, 0x00]), expected: error(400, noJson) },
    {
      name: 'E4: another version',
      body: reviewOf({}, { apiVersion: 'admission.k8s.io/v9' }),
      expected: error(400, 'expected apiVersion admission.k8s.io/v1 or admission.k8s.io/v1beta1'),
    },
    {
      name: 'E4: another kind',
      body: reviewOf({}, { kind: 'Pod' }),
      expected: error(400, 'expected kind AdmissionReview'),
    },
    {
      name: 'E5: no request',
      body: reviewOf({}, { request: undefined }),
      expected: error(400, 'expected a request object in the AdmissionReview'),
    },
    {
      name: 'E5: no uid',
      body: reviewOf({ uid: undefined }),
      expected: error(400, 'expected a non-empty string in request.uid'),
    },
    { name: 'E15: a byte order mark', body: `\ufeff${reviewOf()}`, expected: error(400, noJson) },
    { name: 'E15: 3 MB of opening brackets', body: '['.repeat(3_000_000), expected: error(400, tooManyParts) },
  ])('$name, with 400', async ({ body, expected }) => {
    expect(essence(await send(server, { body }))).toEqual(expected);
  });

  test.each([
    ['text/plain', '"text/plain"'],
    ['application/yaml', '"application/yaml"'],
    ['application/jsonp', '"application/jsonp"'],
    ['application/json-patch+json', '"application/json-patch+json"'],
    ['application/x-www-form-urlencoded', '"application/x-www-form-urlencoded"'],
    ['json', '"json"'],
    ['', '""'],
    ['a'.repeat(5_000), `"${'a'.repeat(100)}…"`],
  ])('E7: the media type %s, with 415', async (type, found) => {
    const answer = await send(server, { body: reviewOf(), headers: { 'content-type': type } });
    expect(essence(answer)).toEqual(error(415, `expected the Content-Type application/json, found ${found}`));
  });

  test.each(['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND'])(
    'E8: the method %s, with 405',
    async method => {
      const answer = await send(server, { method, ...(method === 'PUT' && { body: reviewOf() }) });
      const body = method === 'HEAD' ? '' : JSON.stringify({ error: `${notPosted} ${method}` });
      expect(essence(answer)).toEqual({ status: 405, type: 'application/json; charset=utf-8', body, allow: 'POST' });
    },
  );

  test('E9: a body above the limit, with 413', async () => {
    const limits = { bodyBytes: 1_000 };
    await using small = await startServer({ limits });
    const text = 'expected a body of at most 1000 bytes, found more';
    expect(essence(await send(small, { body: ' '.repeat(1_001) }))).toEqual(error(413, text));
    expect((await send(small, { body: ' '.repeat(1_000) })).status).toBe(400);
  });
});

describe('POST /mutate accepts', () => {
  const injected = expect.arrayContaining([expect.objectContaining({ op: 'add' })]);

  test.each([
    'application/json',
    'application/json; charset=utf-8',
    'application/json;charset="UTF-8"',
    'APPLICATION/JSON',
    'Application/Json ; charset=utf-8',
    ' application/json',
  ])('E6: the media type %s', async type => {
    const answer = await send(server, { body: reviewOf(), headers: { 'content-type': type } });
    expect(answer.status).toBe(200);
    expect(patchOf(answer)).toEqual(injected);
  });

  test('E9: a review of 6 MiB', async () => {
    const annotations = { note: 'x'.repeat(6 * 1_048_576) };
    const answer = await send(server, {
      body: reviewOf({ object: { ...pod, metadata: { name: 'app', annotations } } }),
    });
    expect(answer.status).toBe(200);
    expect(patchOf(answer)).toEqual(injected);
  });

  test('E15: duplicate keys, of which the last wins, and keys named __proto__', async () => {
    const review = reviewOf({ uid: 'last' })
      .replace('"request":{', '"request":{"uid":"first",')
      .replace('"object":{', '"object":{"__proto__":{"spec":null},"constructor":{"prototype":{"polluted":true}},');
    const answer = await send(server, { body: review });
    expect(JSON.parse(answer.body).response.uid).toBe('last');
    expect(patchOf(answer)).toEqual(injected);
    expect({}).not.toHaveProperty('polluted');
  });

  test('E15: a pod nested 100,000 levels deep', async () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    const body = reviewOf().replace('"kind":"Pod","metadata"', `"kind":"Pod","deep":${deep},"metadata"`);
    const answer = await send(server, { body });
    expect(patchOf(answer)).toEqual(injected);
  });

  test('E16: numbers above 2^53, which are in no patch', async () => {
    const body = reviewOf().replace('"spec":{', '"spec":{"terminationGracePeriodSeconds":9007199254740993,');
    const answer = await send(server, { body });
    expect(patchOf(answer)).toEqual(injected);
    expect(JSON.stringify(patchOf(answer))).not.toContain('90071992547');
  });

  test('E17: astral characters, lone surrogates and line separators, which are in no patch', async () => {
    const args = ['😀', '\ud800', '\u2028\u2029', 'é'];
    const spec = { serviceAccountName: 'app', containers: [{ name: 'app', args }] };
    const answer = await send(server, { body: reviewOf({ uid: '😀\u2028', object: { ...pod, spec } }) });
    expect(JSON.parse(answer.body).response.uid).toBe('😀\u2028');
    expect(patchOf(answer)).toEqual(injected);
    expect(JSON.stringify(patchOf(answer))).not.toMatch(/😀|é|\\u/);
  });
});

describe('The TLS listener', () => {
  test.each([
    { name: 'GET /healthz says ok', options: { method: 'GET', path: '/healthz' }, status: 200, body: 'ok' },
    { name: 'HEAD /healthz says nothing', options: { method: 'HEAD', path: '/healthz' }, status: 200, body: '' },
  ])('$name', async ({ options, status, body }) => {
    expect(essence(await send(server, options))).toEqual({ status, type: 'text/plain; charset=utf-8', body });
  });

  test.each(['/', '/mutate/', '/MUTATE', '/metrics', '/readyz', '/debug/alpha/cache', '/healthz/x', '/%2e%2e/mutate'])(
    'does not know the path %s, with 404',
    async path => {
      const answer = await send(server, { path, body: reviewOf() });
      expect(essence(answer)).toEqual(error(404, 'expected one of the paths /mutate, /healthz, found another'));
    },
  );

  test('refuses a URL that cannot be read, with 400, and does not repeat it', async () => {
    const answer = await send(server, { path: '/%zz' });
    expect(essence(answer)).toEqual(error(400, 'expected a URL that can be read'));
  });

  test('POST /healthz is refused with 405', async () => {
    const answer = await send(server, { path: '/healthz', body: '{}' });
    expect(answer).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD' } });
  });

  test('counts every request by path and status, paths of clients as one', async () => {
    await using own = await startServer();
    await send(own, { body: reviewOf() });
    await send(own, { body: '{' });
    await send(own, { path: '/what-a-client-likes' });
    const series = (handler: string, code: number): string =>
      `irsa_webhook_http_requests_total{handler="${handler}",code="${code}"}`;
    expect(await own.metric(series('/mutate', 200))).toBe(1);
    expect(await own.metric(series('/mutate', 400))).toBe(1);
    expect(await own.metric(series('other', 404))).toBe(1);
    expect(await own.metric('irsa_webhook_http_requests_in_flight{handler="/mutate"}')).toBe(0);
    expect(await own.metric('http_request_count{verb="POST",path="/mutate",code="200"}')).toBe(1);
  });
});
