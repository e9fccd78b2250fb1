import type { ServerResponse } from 'node:http';
import {
  kindOf,
  type FakeEvent,
  type FakeObject,
  type FakeObjects,
  type FakeResource,
} from './fake-api-server-objects.ts';

export interface FakeWatchRequest {
  readonly resource: FakeResource;
  readonly selects: (object: FakeObject) => boolean;
  readonly query: URLSearchParams;
}

/** The watches that are open, and what a test can do to them. */
export class FakeWatches {
  readonly #objects: FakeObjects;
  readonly #bookmarkMs: number;
  readonly #open = new Set<ServerResponse>();
  readonly #frozen = new WeakSet<ServerResponse>();
  #allFrozen = false;
  /** What ends the lists that are being streamed; undefined where lists end by themselves. */
  #heldEnds: (() => void)[] | undefined;

  constructor(objects: FakeObjects, bookmarkMs: number) {
    this.#objects = objects;
    this.#bookmarkMs = bookmarkMs;
  }

  /** Number of open watches. */
  get size(): number {
    return this.#open.size;
  }

  /** Ends every watch as the API server does when its time is over. */
  end(): void {
    for (const response of this.#open) response.end();
  }

  /** Resets the connection of every watch. */
  cut(): void {
    for (const response of this.#open) response.destroy();
  }

  /** The open watches stay open, but nothing is sent on them any more, as by a peer that has vanished. */
  freeze(): void {
    for (const response of this.#open) this.#frozen.add(response);
  }

  /** No watch sends anything until `thaw()`, new ones neither. */
  freezeAll(): void {
    this.#allFrozen = true;
  }

  /** What is sent from now on arrives on every watch; what was frozen is lost. */
  thaw(): void {
    this.#allFrozen = false;
    for (const response of this.#open) this.#frozen.delete(response);
  }

  /** Lists that are streamed from now on have no end until `endLists()`. */
  holdListEnds(): void {
    this.#heldEnds = [];
  }

  endLists(): void {
    for (const end of this.#heldEnds ?? []) end();
    this.#heldEnds = undefined;
  }

  /** Sends a line of any content on every watch. */
  send(line: string): void {
    for (const response of this.#open) response.write(`${line}\n`);
  }

  /** Sends the ERROR event of an expired version, as etcd's compaction causes it. */
  expire(): void {
    this.send(errorEvent(410, 'Expired', 'too old resource version'));
  }

  /** Serves one watch until either side ends it. */
  serve({ resource, selects, query }: FakeWatchRequest, response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    const version = query.get('resourceVersion');
    if (version !== null && Number(version) < this.#objects.compactedVersion) {
      response.end(`${errorEvent(410, 'Expired', 'too old resource version')}\n`);
      return;
    }
    const send = (type: string, fields: object): void => {
      const object = { kind: kindOf[resource], apiVersion: 'v1', ...fields };
      if (!this.#allFrozen && !this.#frozen.has(response) && !response.writableEnded)
        response.write(`${JSON.stringify({ type, object })}\n`);
    };
    const forward = (event: FakeEvent): void => {
      if (event.resource === resource && selects(event.object)) send(event.type, event.object);
    };
    if (version === null) {
      for (const object of this.#objects.list(resource, selects)) send('ADDED', object);
      const end = (): void => send('BOOKMARK', this.#bookmark(true));
      if (query.get('sendInitialEvents') === 'true' && this.#heldEnds?.push(end) === undefined) end();
    } else {
      for (const event of this.#objects.since(resource, Number(version))) forward(event);
    }
    const bookmarks = setInterval(() => send('BOOKMARK', this.#bookmark(false)), this.#bookmarkMs);
    const ending = setTimeout(() => response.end(), Number(query.get('timeoutSeconds') ?? 1800) * 1000);
    const unsubscribe = this.#objects.subscribe(forward);
    this.#open.add(response);
    response.on('close', () => {
      clearInterval(bookmarks);
      clearTimeout(ending);
      unsubscribe();
      this.#open.delete(response);
    });
  }

  #bookmark(endsInitialEvents: boolean): object {
    const annotations = endsInitialEvents ? { annotations: { 'k8s.io/initial-events-end': 'true' } } : {};
    return { metadata: { resourceVersion: String(this.#objects.version), ...annotations } };
  }
}

function errorEvent(code: number, reason: string, message: string): string {
  return JSON.stringify({ type: 'ERROR', object: { kind: 'Status', status: 'Failure', code, reason, message } });
}
