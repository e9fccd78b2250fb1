export interface Load {
  /** Ends the load when what is on its way has come back; gives the number of requests of each client. Rejects if one failed. */
  stop(): Promise<readonly number[]>;
}

/** So many clients that send one request after the other. */
export function startLoad(clients: number, send: (client: number) => Promise<void>): Load {
  const end = new AbortController();
  const run = async (client: number): Promise<number> => {
    let sent = 0;
    for (; !end.signal.aborted; sent += 1) await send(client);
    return sent;
  };
  const running = Promise.all(Array.from({ length: clients }, (_, client) => run(client)));
  running.catch(() => undefined); // reported by stop()
  return {
    stop() {
      end.abort();
      return running;
    },
  };
}
