import { describe, expect, test } from 'vitest';
import { errorOfStatus, hasCode, KubernetesError, parseRetryAfter } from '../../src/kubernetes/kubernetes-error.ts';
import { heldBytes } from '../support/held-bytes.ts';

describe('errorOfStatus()', () => {
  test.each([
    { status: 400, code: 'invalid' },
    { status: 401, code: 'unauthorized' },
    { status: 403, code: 'forbidden' },
    { status: 404, code: 'not_found' },
    { status: 409, code: 'conflict' },
    { status: 410, code: 'expired' },
    { status: 422, code: 'invalid' },
    { status: 429, code: 'too_many_requests' },
    { status: 500, code: 'server_error' },
    { status: 503, code: 'server_error' },
    { status: 504, code: 'gateway_timeout' },
    { status: 302, code: 'unexpected_status' },
    { status: 418, code: 'unexpected_status' },
  ])('gives $code for status $status', ({ status, code }) => {
    expect(errorOfStatus(status, {})).toMatchObject({ code, status });
  });

  test('takes message, reason and wait from the Status', () => {
    const body = { message: 'slow down', reason: 'TooManyRequests', details: { retryAfterSeconds: 3 } };
    expect(errorOfStatus(429, body)).toMatchObject({
      message: 'slow down',
      reason: 'TooManyRequests',
      retryAfterMs: 3_000,
    });
  });

  test('prefers the wait of the header', () => {
    expect(errorOfStatus(429, { details: { retryAfterSeconds: 3 } }, 5_000).retryAfterMs).toBe(5_000);
  });

  test.each([undefined, null, 'text', [], { message: 7, reason: {}, details: [] }])(
    'tells the status when the body is %j',
    body => {
      expect(errorOfStatus(502, body)).toMatchObject({
        message: 'expected HTTP status 200, found 502',
        reason: undefined,
      });
    },
  );

  test('cuts long texts, and keeps nothing of the rest', () => {
    const statusText = (index: number): string => {
      const text = Buffer.alloc(100_000, `${index} `).toString('latin1');
      return JSON.stringify({ message: text, reason: text });
    };
    const before = heldBytes();
    const errors = Array.from({ length: 100 }, (_, index) => errorOfStatus(500, JSON.parse(statusText(index))));
    // All texts together take 20 MB.
    expect(heldBytes() - before).toBeLessThan(2_000_000);
    expect(errors.every(({ message, reason }) => message.length === 500 && reason?.length === 100)).toBe(true);
  });
});

test('hasCode() is true for one of the codes of a KubernetesError only', () => {
  const error = new KubernetesError('expired', 'too old');
  expect(hasCode(error, 'not_found', 'expired')).toBe(true);
  expect(hasCode(error, 'not_found')).toBe(false);
  expect(hasCode(new Error('expired'), 'expired')).toBe(false);
});

test.each([
  { header: '1', expected: 1_000 },
  { header: '120', expected: 120_000 },
  { header: undefined, expected: undefined },
  { header: '', expected: undefined },
  { header: '-1', expected: undefined },
  { header: '1.5', expected: undefined },
  { header: '9999999', expected: undefined },
  { header: 'Wed, 21 Oct 2026 07:28:00 GMT', expected: undefined },
])('parseRetryAfter($header) is $expected', ({ header, expected }) => {
  expect(parseRetryAfter(header)).toBe(expected);
});
