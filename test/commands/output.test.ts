import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { irsaProgram } from '../support/run-irsa.ts';

/** Runs a script in which `$IRSA` is the program. */
async function runScript(script: string): Promise<{ readonly stdout: string; readonly stderr: string }> {
  const child = spawn('bash', ['-c', script], {
    env: { PATH: process.env['PATH'], IRSA: `${process.execPath} ${irsaProgram}` },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { stdout, stderr };
}

/** 5,000 objects without anything to inject: more than a pipe holds. */
const manyObjects = `for i in $(seq 5000); do printf -- '---\\napiVersion: v1\\nkind: ConfigMap\\nmetadata:\\n  name: c%s\\n' $i; done`;

describe('standard output', () => {
  test('ends a command quietly when nobody reads it any more, as shells have it', async () => {
    const script = `{ ${manyObjects}; } | { $IRSA mutate -f - 2>/dev/null; echo "code $?" >&2; } | head -n 1`;
    expect(await runScript(script)).toEqual({ stdout: '---\n', stderr: 'code 141\n' });
  });

  test('is written to its end, however slow its reader is', async () => {
    const script = `{ ${manyObjects}; } | $IRSA mutate -f - 2>/dev/null | { sleep 2; grep -c '^kind: ConfigMap$'; }`;
    expect(await runScript(script)).toEqual({ stdout: '5000\n', stderr: '' });
  });
});
