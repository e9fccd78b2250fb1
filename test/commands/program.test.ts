import { describe, expect, test } from 'vitest';
import { runIrsa } from '../support/run-irsa.ts';

describe('irsa', () => {
  test.each([
    { args: ['--help'], first: 'Examples:' },
    { args: ['explain', '--help'], first: 'Examples:' },
    { args: ['oidc', 'jwks', '--help'], first: 'Examples:' },
    { args: ['serve', '--help'], first: 'Examples:' },
  ])('$args begins with examples', async ({ args, first }) => {
    const { code, stdout, stderr } = await runIrsa(args);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.split('\n')[0]).toBe(first);
  });

  test.each([
    { what: 'no command', args: [], expected: /^Examples:/ },
    {
      what: 'a mistyped command',
      args: ['explian'],
      expected: /unknown command 'explian'\n\(Did you mean explain\?\)/,
    },
    { what: 'a mistyped flag', args: ['audit', '--fail-onn', 'error'], expected: /\(Did you mean --fail-on\?\)/ },
    {
      what: 'a choice that is none',
      args: ['explain', '-o', 'xml'],
      expected: /argument 'xml' is invalid\. Allowed choices are text, json, yaml\./,
    },
    {
      what: 'a flag of the webhook with a wrong value',
      args: ['explain', '-f', '-', '--token-expiration=soon'],
      expected: /^error: --token-expiration: expected an integer of at most 64 bits, found "soon"\n$/,
    },
    {
      what: 'a time-out that is none',
      args: ['audit', '--request-timeout', 'soon'],
      expected: /^error: --request-timeout: /,
    },
  ])('ends with 2 and says what is wrong when there is $what', async ({ args, expected }) => {
    const { code, stdout, stderr } = await runIrsa(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(expected);
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  test('ends with 3 and one line when there is no cluster to ask', async () => {
    const { code, stdout, stderr } = await runIrsa(['explain', 'pod/web']);
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expect(stderr).toMatch(/^error: there is no kubeconfig: [^\n]*\n$/);
  });

  test('shows its version', async () => {
    expect(await runIrsa(['--version'])).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
    expect(await runIrsa(['version'])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
    });
  });
});
