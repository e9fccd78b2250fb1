import { isObject, parseJson, type JsonObject } from '../../util/json.ts';

/** An object of a document, and the line, from 1, on which it begins. */
export interface ListedObject {
  readonly object: JsonObject;
  readonly line: number;
}

/** Why a document cannot be read. */
export class JsonListProblem extends Error {
  override readonly name = 'JsonListProblem';
  /** From 1. */
  readonly line: number;

  constructor(line: number, message: string) {
    super(message);
    this.line = line;
  }
}

/** The API server takes no request above 3 MiB; indented for people, such an object may grow to a few times that. */
const maxObjectBytes = 32 * 1024 * 1024;
/** As in YAML: deeper than any object that the API server takes in practice. */
const maxNesting = 200;
/** Of the document, its `items` and one of these: an object has as many levels as elsewhere. */
const levelsAround = 2;

const codes = {
  newline: 0x0a,
  quote: 0x22,
  comma: 0x2c,
  colon: 0x3a,
  listBegin: 0x5b,
  backslash: 0x5c,
  listEnd: 0x5d,
  objectBegin: 0x7b,
  objectEnd: 0x7d,
} as const;
/** Space, tab, newline, carriage return (RFC 8259 section 2). */
const whiteSpace = new Set([0x20, 0x09, 0x0a, 0x0d]);

/** Where a part of the document begins or ends, with the byte that was looked at. */
type Border = 'none' | 'items_begin' | 'items_end' | 'item_begins' | 'item_ends';

/**
 * Takes a JSON document in pieces and gives the objects in its `items` as soon as each has come, so that a list of any size
 * needs the memory of one of its objects. Finds only where they begin and end; JSON.parse judges what is in between.
 */
export class JsonListReader {
  readonly #item = new Pieces();
  /** The document without what is in `items`. */
  readonly #document = new Pieces();
  #begun = false;
  #depth = 0;
  #inString = false;
  #escaped = false;
  /** The latest string of the document itself, and the latest that was a key. */
  #text = '';
  #key = '';
  #items: 'to_come' | 'reading' | 'read' = 'to_come';
  /** Between two items. */
  #expected: 'item_or_end' | 'item' | 'comma_or_end' = 'item_or_end';
  #line = 1;
  #itemLine = 1;

  /** Returns the objects that end in this piece. Throws JsonListProblem. */
  *push(chunk: Buffer): Generator<ListedObject, void, undefined> {
    let begin = 0;
    for (let at = 0; at < chunk.length; at += 1) {
      const byte = chunk[at] ?? 0;
      if (byte === codes.newline) this.#line += 1;
      const border = this.#inString ? this.#insideString(byte) : this.#outsideString(byte);
      if (border === 'none') continue;
      if (border === 'items_begin') this.#document.add(chunk.subarray(begin, at + 1), this.#line);
      if (border === 'item_ends') {
        this.#item.add(chunk.subarray(begin, at + 1), this.#itemLine);
        yield { object: parseObject(this.#item.take(), this.#itemLine), line: this.#itemLine };
      }
      begin = border === 'items_end' || border === 'item_begins' ? at : at + 1;
    }
    if (this.#items !== 'reading') this.#document.add(chunk.subarray(begin), this.#line);
    else if (this.#depth > levelsAround) this.#item.add(chunk.subarray(begin), this.#itemLine);
  }

  /** The beginning of the document, up to its `items` as far as it has come: the API server writes the kind there. */
  get beginning(): string {
    return this.#document.peek();
  }

  /** The document itself, its `items` empty, and whether it has any. Throws JsonListProblem. */
  end(): { readonly object: JsonObject; readonly isList: boolean } {
    if (this.#depth > 0) throw new JsonListProblem(this.#line, 'expected more JSON, found the end of the input');
    return { object: parseObject(this.#document.take(), 1), isList: this.#items === 'read' };
  }

  #insideString(byte: number): Border {
    if (this.#escaped) this.#escaped = false;
    else if (byte === codes.backslash) this.#escaped = true;
    else if (byte === codes.quote) this.#inString = false;
    // Enough to tell `items` from every other key.
    if (this.#inString && this.#depth === 1 && this.#text.length < 8) this.#text += String.fromCharCode(byte);
    return 'none';
  }

  #outsideString(byte: number): Border {
    if (this.#items === 'reading' && this.#depth === levelsAround) return this.#betweenItems(byte);
    if (this.#depth === 0) return this.#outsideDocument(byte);
    switch (byte) {
      case codes.quote:
        this.#inString = true;
        this.#text = '';
        return 'none';
      case codes.colon:
        if (this.#depth === 1) this.#key = this.#text;
        return 'none';
      case codes.objectBegin:
      case codes.listBegin:
        return this.#enter(byte);
      case codes.objectEnd:
      case codes.listEnd:
        return this.#leave();
      default:
        return 'none';
    }
  }

  #enter(byte: number): Border {
    this.#depth += 1;
    if (this.#depth > maxNesting + levelsAround) this.#fail(`at most ${maxNesting} levels, found more`);
    const isItems = byte === codes.listBegin && this.#depth === levelsAround && this.#key === 'items';
    if (!isItems || this.#items !== 'to_come') return 'none';
    this.#items = 'reading';
    return 'items_begin';
  }

  #leave(): Border {
    this.#depth -= 1;
    if (this.#items !== 'reading' || this.#depth > levelsAround) return 'none';
    this.#expected = 'comma_or_end';
    return 'item_ends';
  }

  #betweenItems(byte: number): Border {
    if (whiteSpace.has(byte)) return 'none';
    if (byte === codes.comma && this.#expected === 'comma_or_end') {
      this.#expected = 'item';
      return 'none';
    }
    if (byte === codes.objectBegin && this.#expected !== 'comma_or_end') {
      this.#depth += 1;
      this.#itemLine = this.#line;
      return 'item_begins';
    }
    if (byte !== codes.listEnd || this.#expected === 'item') this.#fail('an object or the end of items, found neither');
    this.#depth -= 1;
    this.#items = 'read';
    return 'items_end';
  }

  #outsideDocument(byte: number): Border {
    if (whiteSpace.has(byte)) return 'none';
    if (byte !== codes.objectBegin || this.#begun) this.#fail('one JSON object, found more or something else');
    this.#begun = true;
    this.#depth = 1;
    return 'none';
  }

  #fail(expected: string): never {
    throw new JsonListProblem(this.#line, `expected ${expected}`);
  }
}

/** The bytes of one part. */
class Pieces {
  #pieces: Buffer[] = [];
  #bytes = 0;

  add(piece: Buffer, line: number): void {
    this.#bytes += piece.length;
    if (this.#bytes > maxObjectBytes)
      throw new JsonListProblem(line, `expected objects of at most ${maxObjectBytes} bytes`);
    this.#pieces.push(piece);
  }

  peek(): string {
    return Buffer.concat(this.#pieces).toString('utf8');
  }

  take(): string {
    const text = this.peek();
    this.#pieces = [];
    this.#bytes = 0;
    return text;
  }
}

/** The engine's own error would repeat what is around the fault, which may be somebody's secret, so it is no cause. */
function parseObject(text: string, line: number): JsonObject {
  const value = parseJson(text);
  if (isObject(value)) return value;
  throw new JsonListProblem(line, 'expected JSON, found something else in the object that begins here');
}
