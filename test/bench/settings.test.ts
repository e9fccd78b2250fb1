import { describe, expect, test } from 'vitest';
import { readSettings, SettingsError } from '../../bench/settings.ts';

describe('readSettings()', () => {
  test('has defaults for everything', () => {
    const defaults = { against: undefined, rounds: 3, seconds: 3, nodeFlags: ['--max-semi-space-size=4'] };
    expect(readSettings({})).toEqual(defaults);
    expect(readSettings({ AGAINST: '', BENCH_ROUNDS: '', BENCH_SECONDS: '', BENCH_NODE_FLAGS: '' })).toEqual(defaults);
  });

  test('reads what is given', () => {
    const settings = readSettings({
      BENCH_ROUNDS: '5',
      BENCH_SECONDS: '0.5',
      BENCH_NODE_FLAGS: '--max-semi-space-size=4  --cpu-prof',
    });
    expect(settings).toMatchObject({ rounds: 5, seconds: 0.5, nodeFlags: ['--max-semi-space-size=4', '--cpu-prof'] });
  });

  test.each([
    { text: 'https://127.0.0.1:8443,pid=1234', url: 'https://127.0.0.1:8443/mutate' },
    { text: 'https://127.9.9.9/,pid=1', url: 'https://127.9.9.9/mutate' },
    { text: 'https://[::1]:8443/review,pid=12', url: 'https://[::1]:8443/review' },
    { text: 'https://localhost:1,pid=12', url: 'https://localhost:1/mutate' },
  ])('takes AGAINST=$text', ({ text, url }) => {
    expect(readSettings({ AGAINST: text }).against?.url.href).toBe(url);
  });

  test.each([
    'https://10.0.0.1:8443,pid=1',
    'https://example.com,pid=1',
    'https://localhost.example.com,pid=1',
    'https://127.0.0.1.example.com,pid=1',
    'https://[::ffff:127.0.0.1]:8443,pid=1',
    'https://127.0.0.1@example.com,pid=1',
    'https://0.0.0.0:8443,pid=1',
  ])('refuses AGAINST=%s, which is not on this machine', text => {
    expect(() => readSettings({ AGAINST: text })).toThrow('expected a loopback address');
  });

  test.each([
    'http://127.0.0.1:8443,pid=1',
    'https://127.0.0.1:8443',
    'https://127.0.0.1:8443,pid=',
    'https://127.0.0.1:8443,pid=0',
    'https://127.0.0.1:8443,pid=-1',
    'https://127.0.0.1:8443,pid=1,pid=2',
    'https://127.0.0.1:8443,1234',
    '127.0.0.1:8443,pid=1',
    ',pid=1',
  ])('refuses AGAINST=%s, and says what is expected', text => {
    expect(() => readSettings({ AGAINST: text })).toThrow(/expected https:\/\/127\.0\.0\.1:PORT,pid=NUMBER/);
  });

  test.each([
    { BENCH_ROUNDS: '0' },
    { BENCH_ROUNDS: '1.5' },
    { BENCH_ROUNDS: 'many' },
    { BENCH_SECONDS: '-1' },
    { BENCH_SECONDS: 'Infinity' },
    { AGAINST: 'https://127.0.0.1:8443,pid=1', BENCH_ROUNDS: '2' },
  ])('refuses %j', environment => {
    expect(() => readSettings(environment)).toThrow(SettingsError);
  });
});
