import { execFile } from 'node:child_process';
import { checkBuilt, programPath } from '../../support/webhook-process.ts';

export interface Ended {
  readonly code: number | string | null;
  readonly stdout: string;
  readonly stderr: string;
}

const timeoutMs = 30_000;

/** Runs the built program with these arguments and waits for its end. */
export async function runToEnd(
  args: readonly string[],
  environment: { readonly [name: string]: string } = {},
): Promise<Ended> {
  await checkBuilt();
  const env = { PATH: process.env['PATH'], ...environment };
  return new Promise(resolve => {
    const options = { env, cwd: '/', timeout: timeoutMs, killSignal: 'SIGKILL' } as const;
    execFile(process.execPath, [programPath, ...args], options, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : (error.code ?? null), stdout, stderr });
    });
  });
}
