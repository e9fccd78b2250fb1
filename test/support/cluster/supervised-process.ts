import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile } from 'node:fs/promises';
import { Socket } from 'node:net';

/**
 * Becomes the program, and leaves a guard beside it. The guard reads a pipe that only the process which started this one
 * can write to: however that process ends, even by SIGKILL, the pipe closes, the program is killed and its folder removed.
 * The pipe is not the standard input, because Node.js closes that as soon as the program has ended by itself.
 */
const supervisor = `
folder=$1; shift
{ read -r _ <&3; kill -9 $$; rm -rf "$folder"; } &
exec "$@" 3<&-`;

export interface SupervisedProcess {
  /** True until the program has ended, by itself or by `kill()`. */
  readonly isRunning: () => boolean;
  /** Ends it at once (SIGKILL) and waits until it is gone. */
  kill(): Promise<void>;
  /** All that it has printed. */
  log(): Promise<string>;
}

export interface ProgramOptions {
  readonly command: string;
  readonly args: readonly string[];
  /** Its working folder; removed if this process dies without having called `kill()`. */
  readonly folder: string;
  readonly logFile: string;
}

/** Starts a program that cannot outlive this process. */
export async function startSupervised({ command, args, folder, logFile }: ProgramOptions): Promise<SupervisedProcess> {
  await using log = await open(logFile, 'a');
  // A group of its own: a Ctrl-C in the terminal reaches this process only, which decides what ends when.
  const child = spawn('/bin/sh', ['-c', supervisor, 'sh', folder, command, ...args], {
    cwd: folder,
    detached: true,
    stdio: ['ignore', log.fd, log.fd, 'pipe'],
  });
  const exited = once(child, 'exit');
  await once(child, 'spawn');
  const pipe = child.stdio[3];
  child.once('exit', () => {
    killGroup(child); // of which the guard is left
    pipe?.destroy();
  });
  child.unref();
  if (pipe instanceof Socket) pipe.unref();
  const isRunning = (): boolean => child.exitCode === null && child.signalCode === null;
  return {
    isRunning,
    async kill() {
      if (!isRunning()) return;
      child.ref();
      killGroup(child);
      await exited;
    },
    log: () => readFile(logFile, 'utf8'),
  };
}

function killGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // Nobody of the group is left.
  }
}
