import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { checkBuilt, programPath } from './webhook-process.ts';

/** How a command ended and what it wrote. */
export interface IrsaResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface IrsaOptions {
  readonly stdin?: string;
  /** Beside PATH; nothing else of this process's environment is passed on. */
  readonly environment?: { readonly [name: string]: string };
  readonly folder?: string;
}

/** Far more than any command takes on two busy cores; one that hangs still ends. */
const timeoutMs = 60_000;

/** The built program; `IRSA_PROGRAM` names another build of it, or the sources. */
export const irsaProgram: string = process.env['IRSA_PROGRAM'] ?? programPath;

/** Runs `irsa` with these arguments and waits for its end. */
export async function runIrsa(args: readonly string[], options: IrsaOptions = {}): Promise<IrsaResult> {
  if (irsaProgram === programPath) await checkBuilt();
  const child = spawn(process.execPath, [irsaProgram, ...args], {
    cwd: options.folder ?? join(import.meta.dirname, '..', '..'),
    env: { PATH: process.env['PATH'], HOME: '/nonexistent', ...options.environment },
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
  });
  // A command that fails early closes its input.
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.stdin ?? '');
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on('error', reject).on('close', resolve);
  });
  const [code, stdout, stderr] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  return { code, stdout, stderr };
}
