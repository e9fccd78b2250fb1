import { spawn } from 'node:child_process';
import { once } from 'node:events';

export interface ClientProcessOptions {
  /** URL of a `*-program.ts` that calls `serveParent()`. */
  readonly program: URL;
  /** What it is to do, as JSON. */
  readonly data: object;
  /** What the command begins with, such as `taskset`. */
  readonly command: readonly string[];
}

/** A process of its own that does something until it is stopped, so that its work slows down nobody here. */
export interface ClientProcess<Result> {
  /** Ends what it does, and gives what came of it. */
  stop(): Promise<Result>;
  /** At once, whatever it does. */
  kill(): void;
}

/** Starts the program, and waits until it has said that it is at work. It ends with this process at the latest. */
export async function startClientProcess<Result>({
  program,
  data,
  command,
}: ClientProcessOptions): Promise<ClientProcess<Result>> {
  const [file, ...args] = [...command, process.execPath, program.pathname];
  const child = spawn(file, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const ended = once(child, 'exit').then(([code, signal]) => {
    throw new Error(`${program.pathname} ended with ${String(code ?? signal)}`);
  });
  ended.catch(() => undefined);
  const receive = async (): Promise<unknown> => (await Promise.race([once(child, 'message'), ended]))[0];
  child.send(data);
  await receive();
  return {
    async stop() {
      child.send('stop');
      const result = await receive();
      child.kill('SIGKILL');
      return result as Result;
    },
    kill: () => void child.kill('SIGKILL'),
  };
}

/** What a program does: it begins, and gives the function that ends it and tells what came of it. */
export type ClientWork<Data, Result> = (data: Data) => Promise<() => Promise<Result>>;

/** The other side of `startClientProcess()`. */
export async function serveParent<Data, Result>(work: ClientWork<Data, Result>): Promise<void> {
  process.once('disconnect', () => process.exit());
  const [data] = await once(process, 'message');
  const stop = await work(data);
  const stopped = once(process, 'message');
  process.send?.('at work');
  await stopped;
  process.send?.(await stop());
}
