import { expect, test } from 'vitest';
import { errorText } from '../../src/util/error-text.ts';

const circular = new Error('round');
circular.cause = circular;

test.each([
  { name: 'an error', error: new Error('outer'), expected: 'outer' },
  { name: 'its causes', error: new Error('outer', { cause: new Error('inner') }), expected: 'outer: inner' },
  {
    name: 'a cause once',
    error: new Error('outer: inner', { cause: new Error('inner') }),
    expected: 'outer: inner',
  },
  { name: 'an error without message', error: new TypeError(''), expected: 'TypeError' },
  {
    name: 'refused connections to several addresses',
    error: new AggregateError([new Error('refused ::1'), new Error('refused 127.0.0.1')]),
    expected: 'refused ::1, refused 127.0.0.1',
  },
  { name: 'no error', error: 'text', expected: 'text' },
  { name: 'an error that is its own cause', error: circular, expected: 'round' },
])('errorText() tells $name', ({ error, expected }) => {
  expect(errorText(error)).toBe(expected);
});
