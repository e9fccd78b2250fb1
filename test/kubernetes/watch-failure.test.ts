import { describe, expect, test } from 'vitest';
import { KubernetesError } from '../../src/kubernetes/kubernetes-error.ts';
import { judgeFailure } from '../../src/kubernetes/watch-failure.ts';

const hint = 'the ClusterRole needs get, list and watch on serviceaccounts';
const watching = { streamingList: false, opened: true };

describe('judgeFailure()', () => {
  test.each([
    { code: 'expired', reason: 'expired', needsList: true },
    { code: 'timed_out', reason: 'timeout', needsList: false },
    { code: 'connection_failed', reason: 'error', needsList: false },
    { code: 'server_error', reason: 'error', needsList: false },
    { code: 'too_many_requests', reason: 'error', needsList: false },
    { code: 'unauthorized', reason: 'error', needsList: false },
    { code: 'forbidden', reason: 'error', needsList: false },
    { code: 'no_credentials', reason: 'error', needsList: false },
    // The version may be one that a restored API server has not reached.
    { code: 'gateway_timeout', reason: 'error', needsList: true },
    { code: 'invalid', reason: 'error', needsList: true },
    { code: 'not_found', reason: 'error', needsList: true },
    // Going on from the same version would bring the same line again.
    { code: 'malformed_response', reason: 'error', needsList: true },
  ] as const)('calls $code a watch that ended by $reason', ({ code, reason, needsList }) => {
    const failure = judgeFailure(new KubernetesError(code, 'text'), hint, watching);
    expect(failure).toMatchObject({ reason, needsList, refusesStreaming: false });
  });

  test.each([
    { code: 'invalid', opened: false, refusesStreaming: true },
    { code: 'not_found', opened: false, refusesStreaming: true },
    { code: 'unexpected_status', opened: false, refusesStreaming: true },
    { code: 'gateway_timeout', opened: false, refusesStreaming: true },
    { code: 'timed_out', opened: true, refusesStreaming: true },
    { code: 'timed_out', opened: false, refusesStreaming: false },
    { code: 'forbidden', opened: false, refusesStreaming: false },
    { code: 'server_error', opened: false, refusesStreaming: false },
    { code: 'too_many_requests', opened: false, refusesStreaming: false },
    { code: 'connection_failed', opened: true, refusesStreaming: false },
    { code: 'expired', opened: true, refusesStreaming: false },
  ] as const)(
    'takes $code for a refusal of streamed lists: $refusesStreaming (opened: $opened)',
    ({ code, opened, refusesStreaming }) => {
      const failure = judgeFailure(new KubernetesError(code, 'text'), hint, { streamingList: true, opened });
      expect(failure.refusesStreaming).toBe(refusesStreaming);
    },
  );

  test('tells which permission is missing (E149)', () => {
    const error = new KubernetesError('forbidden', 'serviceaccounts is forbidden: User "x" cannot list');
    expect(judgeFailure(error, hint, watching).detail).toBe(
      'serviceaccounts is forbidden: User "x" cannot list; the ClusterRole needs get, list and watch on serviceaccounts',
    );
  });

  test.each([
    { retryAfterMs: undefined, expected: 0 },
    { retryAfterMs: 5_000, expected: 5_000 },
    { retryAfterMs: 86_400_000, expected: 60_000 },
  ])('waits $expected ms when asked for $retryAfterMs', ({ retryAfterMs, expected }) => {
    const details = retryAfterMs === undefined ? {} : { retryAfterMs };
    const error = new KubernetesError('too_many_requests', 'text', details);
    expect(judgeFailure(error, hint, watching).retryAfterMs).toBe(expected);
  });

  test('lists anew after a defect of ours', () => {
    const failure = judgeFailure(new TypeError('x is undefined'), hint, watching);
    expect(failure).toMatchObject({ reason: 'error', needsList: true, detail: 'x is undefined' });
  });
});
