import { once } from 'node:events';
import { isObject, ownField, ownList, ownObject, ownString, type JsonObject } from '../src/util/json.ts';

/** A process that was started with `--inspect`, as the protocol of Chrome's developer tools shows it. */
export interface Inspector extends AsyncDisposable {
  /** Calls a method and gives its result. https://chromedevtools.github.io/devtools-protocol/v8/ */
  call(method: string, params?: object): Promise<JsonObject>;
  /** Calls the listener with the parameters of each event of this name. */
  on(event: string, listener: (params: JsonObject) => void): void;
}

/** Connects to the inspector on this port of this machine. */
export async function openInspector(port: number): Promise<Inspector> {
  const socket = new WebSocket(await debuggerUrl(port));
  await once(socket, 'open');
  const waiting = new Map<number, (result: JsonObject) => void>();
  const listeners = new Map<string, (params: JsonObject) => void>();
  socket.addEventListener('message', ({ data }) => {
    const message: unknown = JSON.parse(String(data));
    if (!isObject(message)) return;
    const id = ownField(message, 'id');
    if (typeof id === 'number') waiting.get(id)?.(message);
    else listeners.get(ownString(message, 'method') ?? '')?.(ownObject(message, 'params') ?? {});
  });
  let lastId = 0;
  return {
    async call(method, params = {}) {
      lastId += 1;
      const answered = new Promise<JsonObject>(resolve => waiting.set(lastId, resolve));
      socket.send(JSON.stringify({ id: lastId, method, params }));
      const answer = await answered;
      const error = ownObject(answer, 'error');
      if (error !== undefined) throw new Error(`${method}: ${ownString(error, 'message') ?? 'failed'}`);
      return ownObject(answer, 'result') ?? {};
    },
    on: (event, listener) => void listeners.set(event, listener),
    async [Symbol.asyncDispose]() {
      const closed = once(socket, 'close');
      socket.close();
      await closed;
    },
  };
}

async function debuggerUrl(port: number): Promise<string> {
  const answer = await fetch(`http://127.0.0.1:${port}/json/list`);
  const targets: unknown = await answer.json();
  const [target] = Array.isArray(targets) ? ownList({ targets }, 'targets') : [];
  const url = isObject(target) ? ownString(target, 'webSocketDebuggerUrl') : undefined;
  if (url === undefined) throw new Error(`expected the inspector of a process on port ${port}, found something else`);
  return url;
}
