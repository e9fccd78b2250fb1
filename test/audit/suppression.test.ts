import { describe, expect, test } from 'vitest';
import { isSuppressed, parseSuppression, type Suppression } from '../../src/audit/finding-groups.ts';
import type { FindingCode } from '../../src/comparison/finding-kinds.ts';

function parse(text: string): Suppression {
  const parsed = parseSuppression(text);
  if (parsed.kind === 'malformed') throw new Error(parsed.detail);
  return parsed.suppression;
}

describe('isSuppressed()', () => {
  test.each<{ text: string; code: FindingCode; object: string; suppressed: boolean }>([
    { text: 'IRSA003', code: 'IRSA003', object: 'ns/web', suppressed: true },
    { text: 'IRSA003', code: 'IRSA001', object: 'ns/web', suppressed: false },
    { text: 'IRSA003=ns/*', code: 'IRSA003', object: 'ns/web', suppressed: true },
    { text: 'IRSA003=ns/*', code: 'IRSA003', object: 'ns2/web', suppressed: false },
    { text: 'IRSA003=dev-*/web-*', code: 'IRSA003', object: 'dev-1/web-2', suppressed: true },
    { text: 'IRSA003=dev-*/web-*', code: 'IRSA003', object: 'dev-1/api', suppressed: false },
    { text: '*=kube-system/*', code: 'IRSA007', object: 'kube-system/aws-node', suppressed: true },
    { text: '*', code: 'IRSA001', object: 'ns/web', suppressed: true },
  ])('is $suppressed for $code of $object when $text is given', ({ text, code, object, suppressed }) => {
    const [namespace = '', name = ''] = object.split('/');
    expect(isSuppressed([parse(text)], code, { kind: 'Deployment', namespace, name })).toBe(suppressed);
  });
});

describe('parseSuppression()', () => {
  test.each([
    '',
    'irsa003',
    'IRSA999',
    'IRSA003=',
    'IRSA003=ns',
    'IRSA003=ns/',
    'IRSA003=/x',
    'IRSA003=a/b/c',
    'IRSA003=a/b=c',
  ])('refuses %j and says what it expected', text => {
    expect(parseSuppression(text)).toEqual({ kind: 'malformed', detail: expect.stringMatching(/^expected .* found /) });
  });
});
