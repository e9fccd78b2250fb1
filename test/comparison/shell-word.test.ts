import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { shellWord } from '../../src/comparison/remedy.ts';

describe('shellWord()', () => {
  test.each([
    ['web'],
    ['web-0.shop'],
    ['a=b'],
    ['a b'],
    ["it's"],
    ['$(touch x)'],
    ['`x`'],
    ['a;b'],
    ['"'],
    ['\\'],
    [''],
  ])('is %j for a shell', text => {
    expect(execFileSync('/bin/sh', ['-c', `printf %s ${shellWord(text)}`], { encoding: 'utf8' })).toBe(text);
  });

  test('leaves plain names as they are', () => {
    expect(shellWord('eks.amazonaws.com/role-arn=arn:aws:iam::1:role/a')).toBe(
      'eks.amazonaws.com/role-arn=arn:aws:iam::1:role/a',
    );
  });

  test('holds no control character', () => {
    expect(shellWord('a\nrm\u001B[2J\u202E')).toBe("'a?rm?[2J?'");
  });
});
