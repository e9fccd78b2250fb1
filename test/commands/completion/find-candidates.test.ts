import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { findCandidates } from '../../../src/commands/completion/find-candidates.ts';
import { commandIo, createProgram } from '../../../src/commands/program.ts';

const program = createProgram({
  io: commandIo({
    environment: {},
    stdin: new PassThrough(),
    stdout: new PassThrough(),
    stderr: new PassThrough(),
    process: { onTermination: () => undefined, onUncaught: () => undefined, exit: () => undefined },
  }),
  settingFlags: new Map(),
  finish: () => undefined,
});

describe('findCandidates()', () => {
  test.each([
    { words: ['ver'], expected: ['version'] },
    { words: ['nothing-begins-so'], expected: [] },
    { words: ['__comp'], expected: [] },
    { words: ['completion', ''], expected: ['bash', 'zsh', 'fish'] },
    { words: ['completion', 'f'], expected: ['fish'] },
    { words: ['version', '--out'], expected: ['--output'] },
    { words: ['version', '-o', ''], expected: ['text', 'json'] },
    { words: ['version', '--output', 'j'], expected: ['json'] },
    { words: ['version', '--output=j'], expected: ['--output=json'] },
    { words: ['serve', '--token-exp'], expected: ['--token-expiration'] },
    { words: ['serve', '--in-cluster='], expected: ['--in-cluster=true', '--in-cluster=false'] },
    { words: ['serve', '--in-cluster', 'f'], expected: [] },
    { words: ['serve', '--log-level', 'd'], expected: ['debug'] },
    { words: ['mutate', '--token-aud'], expected: ['--token-audience'] },
    { words: ['version', '--token-aud'], expected: [] },
  ])('gives $expected for $words', ({ words, expected }) => {
    expect(findCandidates(program, words).map(({ text }) => text)).toEqual(expected);
  });

  test('says of each command what it does', () => {
    for (const { about } of findCandidates(program, [''])) expect(about).toMatch(/\.$/);
  });
});
