import { chmod, mkdir } from 'node:fs/promises';
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { createTempFolder } from '../../support/temp-folder.ts';
import { irsaProgram, runIrsa } from '../../support/run-irsa.ts';

/** Runs a script in this shell, with `irsa` on the PATH; undefined where there is no such shell. */
async function runIn(shell: string, script: (completion: string) => string): Promise<string | undefined> {
  await using folder = await createTempFolder();
  await mkdir(`${folder.path}/bin`);
  const irsa = await folder.write('bin/irsa', `#!/bin/sh\nexec "${process.execPath}" "${irsaProgram}" "$@"\n`);
  await chmod(irsa, 0o755);
  const { code, stdout } = await runIrsa(['completion', shell]);
  expect(code).toBe(0);
  const completion = await folder.write('completion', stdout);
  const input = await folder.write('script', script(completion));
  const child = spawn(shell, [input], {
    env: { ...process.env, PATH: `${folder.path}/bin:${process.env['PATH']}`, HOME: folder.path },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const started = new Promise<boolean>(resolve => {
    child.once('spawn', () => resolve(true)).once('error', () => resolve(false));
  });
  return (await started) ? await text(child.stdout) : undefined;
}

/** Has bash complete this line, as its completion machinery calls the function. */
function bashScript(completion: string, line: string): string {
  return `source ${completion}
COMP_LINE='${line}' COMP_POINT=${line.length} COMP_WORDBREAKS=$' \\t\\n"=:'
_irsa_complete
printf '%s\\n' "\${COMPREPLY[@]}"
`;
}

describe('irsa completion', () => {
  test.each([
    { line: 'irsa ver', expected: 'version\n' },
    { line: 'irsa completion ', expected: 'bash\nzsh\nfish\n' },
    { line: 'irsa version --output=js', expected: 'json\n' },
    { line: 'irsa version -o ', expected: 'text\njson\n' },
  ])('completes "$line" in bash', async ({ line, expected }) => {
    expect(await runIn('bash', completion => bashScript(completion, line))).toBe(expected);
  });

  test('completes in fish', async ({ skip }) => {
    const output = await runIn('fish', completion => `source ${completion}\ncomplete --do-complete 'irsa ver'\n`);
    if (output === undefined) skip('there is no fish here');
    expect(output).toMatch(/^version\tShow the version/m);
  });

  test('gives zsh a function that it can read', async ({ skip }) => {
    const script = (completion: string): string =>
      `autoload -Uz compinit && compinit -u -D\nsource ${completion}\nprint -- \${_comps[irsa]}\n`;
    const output = await runIn('zsh', script);
    if (output === undefined) skip('there is no zsh here');
    expect(output).toBe('_irsa\n');
  });

  test('rejects a shell that it does not know, and names those it does', async () => {
    const { code, stdout, stderr } = await runIrsa(['completion', 'cmd']);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('Allowed choices are bash, zsh, fish');
  });
});
