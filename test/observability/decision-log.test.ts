import { describe, expect, test } from 'vitest';
import type { Outcome } from '../../src/admission/answer.ts';
import { createDecisionLog } from '../../src/observability/decision-log.ts';
import type { LogLevel } from '../../src/util/log.ts';
import type { ReviewObserver } from '../../src/server/review.ts';
import { heldBytes } from '../support/held-bytes.ts';
import { decisionWith } from './decisions.ts';
import { memoryLog, type MemoryLog } from './memory-log.ts';

function decisionLog(level: LogLevel = 'debug'): MemoryLog & { decisions: ReviewObserver; clock: { now: number } } {
  const memory = memoryLog({ level });
  const clock = { now: 0 };
  return { ...memory, clock, decisions: createDecisionLog({ log: memory.log, now: () => clock.now }) };
}

const notice = { code: 'token_expiration_raised', detail: 'expected at least 600 seconds, found 5' } as const;

describe('createDecisionLog()', () => {
  test('writes one line for a mutated pod, to the byte (E24)', () => {
    const { decisions, written } = decisionLog('info');
    decisions.decided(decisionWith(), 0.0002134);
    expect(written).toEqual([
      '{"level":"info","ts":"2026-11-24T10:20:30.456Z","uid":"0f9c2b1e","namespace":"ns","pod":"app-*",' +
        '"serviceAccount":"app","decision":"mutated","reason":"identity_injected","method":"web_identity",' +
        '"role":"arn:aws:iam::111122223333:role/app","durationMs":0.213,"dryRun":false,"msg":"Pod was mutated."}\n',
    ]);
  });

  test('E194: adds to the line of a mutated pod what containers end up with, where they differ', () => {
    const { decisions, lines } = decisionLog('info');
    const outcomes = [{ outcome: 'none', role: '', containers: ['proxy'], count: 1 }] as const;
    decisions.decided(decisionWith({ outcomes, detail: 'no identity in 1 container "proxy"' }), 0);
    expect(lines()[0]).toMatchObject({ detail: 'no identity in 1 container "proxy"' });
  });

  test.each<[Outcome, string, string]>([
    ['mutated', 'info', 'Pod was mutated.'],
    [
      'unchanged',
      'debug',
      'Pod was not mutated. Reason: Required volume mounts and env variables were already present.',
    ],
    ['no_identity', 'debug', 'Pod was not mutated. Reason: Service account did not have the right annotations.'],
    ['service_account_not_found', 'debug', 'Pod was not mutated. Reason: Service account was not found.'],
    [
      'invalid_annotation',
      'debug',
      'Pod was not mutated. Reason: Service account has an annotation that is not valid.',
    ],
    ['skipped', 'debug', 'Pod was not mutated. Reason: It needs no identity.'],
    ['denied', 'info', 'Pod was denied. Reason: It requires an identity and has none.'],
    ['error', 'warn', 'Pod was not mutated. Reason: Its identity could not be found out.'],
  ])('logs the outcome %s as %s', (outcome, level, message) => {
    const { decisions, lines } = decisionLog();
    decisions.decided(decisionWith({ outcome, dryRun: true }), 1.5);
    expect(lines()).toHaveLength(1);
    expect(lines()[0]).toMatchObject({
      level,
      msg: message,
      uid: '0f9c2b1e',
      namespace: 'ns',
      pod: 'app-*',
      serviceAccount: 'app',
      decision: outcome,
      method: 'web_identity',
      role: 'arn:aws:iam::111122223333:role/app',
      durationMs: 1_500,
      dryRun: true,
    });
  });

  test('warns of a notice once a minute for each code and ServiceAccount, with the number left out', () => {
    const { decisions, lines, clock } = decisionLog('warn');
    for (let pod = 0; pod < 5; pod += 1) decisions.decided(decisionWith({ notices: [notice] }), 0);
    decisions.decided(decisionWith({ notices: [notice], serviceAccount: 'other' }), 0);
    decisions.decided(decisionWith({ notices: [{ ...notice, code: 'invalid_role_arn' }] }), 0);
    const base = { level: 'warn', msg: 'Identity needs attention.', detail: notice.detail, namespace: 'ns' };
    const expected = [
      { ...base, code: notice.code, serviceAccount: 'app', more: 0 },
      { ...base, code: notice.code, serviceAccount: 'other', more: 0 },
      { ...base, code: 'invalid_role_arn', serviceAccount: 'app', more: 0 },
    ];
    expect(lines()).toMatchObject(expected);
    clock.now = 60_000;
    decisions.decided(decisionWith({ notices: [notice] }), 0);
    expect(lines()).toMatchObject([...expected, { ...base, code: notice.code, serviceAccount: 'app', more: 4 }]);
  });

  test('warns once a minute of the same failing lookup, of bodies that cannot be read, and of clients that give up', () => {
    const { decisions, lines } = decisionLog('warn');
    for (let round = 0; round < 3; round += 1) {
      decisions.decided(decisionWith({ outcome: 'error', reason: 'lookup_failed', detail: 'HTTP 500' }), 0);
      decisions.decided(decisionWith({ outcome: 'error', reason: 'lookup_timed_out' }), 0);
      decisions.unreadable('expected a JSON document, found something else');
      decisions.abandoned();
    }
    expect(lines()).toMatchObject([
      { reason: 'lookup_failed', detail: 'HTTP 500' },
      { reason: 'lookup_timed_out' },
      { msg: 'Review cannot be read.', detail: 'expected a JSON document, found something else' },
      { msg: 'The API server gave up before the answer was there.' },
    ]);
  });

  test('escapes and caps what clients choose, in both forms of the line (E150)', () => {
    const { decisions, written, lines } = decisionLog();
    const hostile = `","level":"error"\n\u2028\ud800${'x'.repeat(5_000)}`;
    const names = { uid: hostile, namespace: hostile, pod: hostile, serviceAccount: hostile, role: hostile };
    decisions.decided(decisionWith(names), 0);
    decisions.decided(decisionWith({ ...names, outcome: 'unchanged', reason: 'already_injected' }), 0);
    expect(written.join('').split('\n')).toHaveLength(3);
    for (const line of lines()) {
      for (const name of Object.keys(names)) {
        expect(line[name]).toBe(`${hostile.slice(0, 1_024)}…`);
      }
    }
  });

  test('has the same fields in both forms of the line, but for the detail', () => {
    const { decisions, lines } = decisionLog();
    decisions.decided(decisionWith(), 0);
    decisions.decided(decisionWith({ outcome: 'unchanged', reason: 'already_injected' }), 0);
    const [mutated = {}, unchanged = {}] = lines();
    expect(Object.keys(unchanged).filter(field => field !== 'detail')).toEqual(Object.keys(mutated));
  });

  test('keeps nothing of long names', () => {
    const { decisions } = decisionLog('error');
    const before = heldBytes();
    for (let index = 0; index < 100; index += 1) {
      const serviceAccount = Buffer.alloc(300_000, `${index} `).toString('latin1');
      decisions.decided(decisionWith({ outcome: 'error', serviceAccount, notices: [notice] }), 1);
    }
    // The names together take 30 MB.
    expect(heldBytes() - before).toBeLessThan(2_000_000);
    decisions.abandoned();
  });
});
