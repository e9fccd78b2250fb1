import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** Of a failed command, what is shown. */
const shownCharacters = 6_000;

export interface CommandOptions {
  readonly folder?: string;
  /** Added to the environment of this process. */
  readonly environment?: NodeJS.ProcessEnv;
  /** Shows what the command prints while it runs, instead of giving it. */
  readonly isShown?: boolean;
  readonly input?: string;
  /** Leaves its input open for as long as this process lives, instead of ending it after `input`. */
  readonly isInputLeftOpen?: boolean;
}

export interface CommandResult {
  /** 127 when there is no such command, 128 when a signal ended it. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command to its end, however that is. */
export async function run(
  command: string,
  args: readonly string[],
  { folder, environment, isShown = false, input = '', isInputLeftOpen = false }: CommandOptions = {},
): Promise<CommandResult> {
  const child = spawn(command, args, {
    ...(folder !== undefined && { cwd: folder }),
    env: { ...process.env, ...environment },
    stdio: ['pipe', isShown ? 'inherit' : 'pipe', isShown ? 'inherit' : 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  // A command that ends without reading its input is no failure of ours.
  child.stdin?.on('error', () => undefined);
  if (!isInputLeftOpen) child.stdin?.end(input);
  const notStarted = new Promise<CommandResult>(resolve => {
    child.on('error', error => resolve({ code: 127, stdout, stderr: error.message }));
  });
  const ended = once(child, 'close').then(() => ({ code: child.exitCode ?? 128, stdout, stderr }));
  return Promise.race([notStarted, ended]);
}

/** As `run()`, but a failure throws with the end of what the command printed. Gives its standard output. */
export async function mustRun(command: string, args: readonly string[], options: CommandOptions = {}): Promise<string> {
  const { code, stdout, stderr } = await run(command, args, options);
  if (code === 0) return stdout;
  const printed = `${stdout}\n${stderr}`.trim().slice(-shownCharacters);
  throw new Error(`expected ${command} ${args.join(' ')} to succeed, it ended with ${code}:\n${printed}`);
}
