import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { isObject, ownField } from '../src/util/json.ts';

/** What a pod knows of its API server. */
export interface ApiServer {
  readonly port: number;
  /** The folder with `token` and `ca.crt`. */
  readonly credentialsPath: string;
}

/** Starts the API server in a process of its own, which ends with this one. */
export async function startApiServer(folder: string): Promise<ApiServer> {
  const child = fork(new URL('./api-server-process.ts', import.meta.url), [folder]);
  const [first] = await Promise.race([once(child, 'message'), once(child, 'exit')]);
  const port = isObject(first) ? ownField(first, 'port') : undefined;
  if (typeof port !== 'number') throw new TypeError('expected the API server to start and to tell its port');
  // It neither keeps this process running nor outlives it: the channel between them closes.
  child.unref();
  child.channel?.unref();
  return { port, credentialsPath: join(folder, 'serviceaccount') };
}
