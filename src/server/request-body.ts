import type { Readable } from 'node:stream';
import type { Claim, FairBudget } from '../util/fair-budget.ts';
import { GrowingBuffer } from '../util/growing-buffer.ts';
import type { ShortTurns } from './turns.ts';

export type RequestBody =
  /** The claim is the caller's, to be released when the bytes are not needed any more. */
  | { readonly kind: 'read'; readonly bytes: Buffer; readonly namespace: string; readonly claim: Claim | undefined }
  /** Longer than the limit; the rest is not kept. */
  | { readonly kind: 'too_large' }
  /** There were not enough bytes in the budget. What came has been received and forgotten. */
  | { readonly kind: 'over_budget' }
  /** The same, while too many such bodies are received already: the rest of this one must not come. */
  | { readonly kind: 'over_budget_cut' }
  /** It came in more pieces than any client makes. */
  | { readonly kind: 'too_many_pieces' }
  /** The client went away, or was cut off for being too slow. */
  | { readonly kind: 'aborted' };

export interface BodyOptions {
  /** Whose body it is, until the body tells the namespace. */
  readonly peer: string;
  readonly limitBytes: number;
  /** Of the header; undefined for a body in chunks. */
  readonly declaredBytes: number | undefined;
  readonly budget: FairBudget;
  /** Places, one for each body that is received only to be refused at its end. */
  readonly discards: FairBudget;
  /** For each `bytesATurn` of a body. */
  readonly turns: ShortTurns;
}

/**
 * What is received of a body in one turn. Node.js reads up to 2 MiB of one connection before it turns to the next one: 100
 * connections that send as fast as they can would hold up all others for 0.2 s.
 */
export const bytesATurn = 65_536;

/** Receiving takes 1 ms a megabyte: so many turns in one round of the event loop hold up others by 1 ms. */
export const receivesPerRound = 16;

/** Reads a body within its limits. Never rejects. */
export function readBody(stream: Readable, options: BodyOptions): Promise<RequestBody> {
  return new Promise(resolve => {
    const body = new ReceivedBody(options, resolve);
    stream.on('data', (piece: Buffer) => {
      body.add(piece);
      const turn = body.nextTurn();
      if (turn === undefined) return;
      stream.pause();
      void turn.then(() => stream.resume());
    });
    stream.once('end', () => body.end());
    stream.once('error', () => body.abort());
    stream.once('close', () => body.abort());
  });
}

/** The bytes of a body as they come: copied into one buffer, so that they cost the same in however many pieces. */
class ReceivedBody {
  readonly #options: BodyOptions;
  readonly #settle: (body: RequestBody) => void;
  /** A body that came in one piece, as most do: it need not be copied. */
  #whole: Buffer | undefined;
  #buffer: GrowingBuffer | undefined;
  #claim: Claim | undefined;
  #discard: Claim | undefined;
  #namespace = '';
  #receivedBytes = 0;
  #turnBytes = 0;
  #pieces = 0;
  #searchedBytes = 0;
  #isOver = false;
  #isOverBudget = false;

  constructor(options: BodyOptions, settle: (body: RequestBody) => void) {
    this.#options = options;
    this.#settle = settle;
  }

  add(piece: Buffer): void {
    if (this.#isOver) return;
    this.#pieces += 1;
    this.#receivedBytes += piece.length;
    if (this.#receivedBytes > this.#options.limitBytes) return this.#finish({ kind: 'too_large' });
    if (hasTooManyPieces(this.#pieces, this.#receivedBytes)) return this.#finish({ kind: 'too_many_pieces' });
    if (this.#isOverBudget) return;
    if (!this.#take(piece)) this.#receiveInVain();
  }

  /** What the rest of the body waits for; undefined when nothing. */
  nextTurn(): Promise<void> | undefined {
    if (this.#isOver || this.#receivedBytes - this.#turnBytes < bytesATurn) return undefined;
    this.#turnBytes = this.#receivedBytes;
    return this.#options.turns.next({ peer: this.#options.peer, namespace: this.#namespace });
  }

  /** Node.js ends no body that is shorter than declared. */
  end(): void {
    if (this.#isOver) return;
    if (this.#isOverBudget) return this.#finish({ kind: 'over_budget' });
    if (this.#namespace === '' && this.#buffer !== undefined) this.#findNamespace(this.#buffer);
    const claim = this.#claim;
    const bytes = this.#whole ?? this.#buffer?.take() ?? Buffer.alloc(0);
    claim?.keep();
    this.#claim = undefined;
    this.#finish({ kind: 'read', bytes, namespace: this.#namespace, claim });
  }

  abort(): void {
    if (!this.#isOver) this.#finish({ kind: 'aborted' });
  }

  #finish(body: RequestBody): void {
    this.#isOver = true;
    this.#forget();
    this.#discard?.release();
    this.#settle(body);
  }

  /** Forgets what came. The rest is still received: an answer before the end can be lost to a client that sends on. */
  #receiveInVain(): void {
    this.#isOverBudget = true;
    this.#forget();
    const { discards, peer } = this.#options;
    const cut = (): void => this.#finish({ kind: 'over_budget_cut' });
    this.#discard = discards.take({ peer, namespace: this.#namespace }, 1, cut);
    if (this.#discard === undefined) cut();
  }

  #forget(): void {
    this.#whole = undefined;
    this.#buffer = undefined;
    this.#claim?.release();
    this.#claim = undefined;
  }

  #take(piece: Buffer): boolean {
    const { limitBytes, declaredBytes } = this.#options;
    if (piece.length === declaredBytes) return this.#takeWhole(piece);
    this.#buffer ??= new GrowingBuffer(limitBytes, declaredBytes);
    if (this.#claim === undefined) this.#namespace = findNamespace(piece);
    if (!this.#claimBytes(this.#buffer.capacityWith(piece.length))) return false;
    this.#buffer.append(piece);
    if (this.#namespace === '' && this.#buffer.length >= 2 * this.#searchedBytes) this.#findNamespace(this.#buffer);
    return true;
  }

  /** Node.js lets no more than the declared length through, so nothing comes after it. */
  #takeWhole(piece: Buffer): boolean {
    this.#namespace = findNamespace(piece);
    if (!this.#claimBytes(piece.length)) return false;
    this.#whole = piece;
    return true;
  }

  #claimBytes(bytes: number): boolean {
    if (this.#claim !== undefined) return this.#claim.resize(bytes);
    const { budget, peer } = this.#options;
    this.#claim = budget.take({ peer, namespace: this.#namespace }, bytes, () => this.#receiveInVain());
    return this.#claim !== undefined;
  }

  /** In a body whose first piece did not hold it: at the end, and no more than once for each doubling before it. */
  #findNamespace(buffer: GrowingBuffer): void {
    if (this.#searchedBytes >= searchedBytes) return;
    this.#searchedBytes = buffer.length;
    this.#namespace = findNamespace(buffer.peek(searchedBytes));
    if (this.#namespace !== '') this.#claim?.moveTo(this.#namespace);
  }
}

/**
 * A piece takes about 5 µs, however short it is: a TLS record, or a chunk of a body. Records of Go hold 1 KB or more, and other
 * clients write their headers in few.
 */
const freePieces = 128;
const bytesAPiece = 100;

/**
 * True when a body came in more pieces than any client makes that means well. Those of headers are not counted: Node.js reads
 * them without JavaScript, unless somebody listens for the data of the socket, which takes a fifth more of all processor time.
 */
function hasTooManyPieces(pieces: number, bytes: number): boolean {
  return pieces > freePieces + bytes / bytesAPiece;
}

/** In a JSON document it stands outside of strings, in which each quote follows a backslash. */
const member = ',"namespace":"';
/** https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#dns-label-names */
const namespaceName = /^[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?$/;
const maxNameBytes = 63;

/** What stands before the namespace in a review of a pod: UID, kinds and resources in 400 bytes, and a name of at most 253. */
const searchedBytes = 1_024;

/**
 * The namespace that a review names, from the beginning of its body; empty where it is not there. kube-apiserver writes
 * `request.namespace` before the object, without white space. It says who has to share with whom, and decides nothing else.
 */
function findNamespace(beginning: Buffer): string {
  const text = beginning.toString('latin1', 0, searchedBytes);
  const at = text.indexOf(member);
  if (at === -1) return '';
  const from = at + member.length;
  const to = text.indexOf('"', from);
  if (to === -1 || to - from > maxNameBytes) return '';
  const name = text.slice(from, to);
  return namespaceName.test(name) ? name : '';
}

/**
 * Receives a body and forgets it. An answer sent before the client has finished sending can be lost to it: closing a
 * connection with unread data resets it. Who sends more than `limitBytes` loses the answer, instead of our time.
 */
export function discardBody(stream: Readable, limitBytes: number): Promise<void> {
  return new Promise(resolve => {
    let size = 0;
    stream.on('data', (piece: Buffer) => {
      size += piece.length;
      if (size > limitBytes) resolve();
    });
    stream.once('end', resolve);
    stream.once('error', () => resolve());
    stream.once('close', resolve);
  });
}

/**
 * Frees the memory of a body at once, which otherwise waits for the collector: 24 clients with 3 MiB each held 15 MB more. The
 * bytes are gone then. Bytes that share their memory with others stay.
 */
export function releaseBytes({ buffer, byteLength }: Buffer): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0);
}
