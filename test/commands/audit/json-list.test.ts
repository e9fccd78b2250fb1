import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { JsonListReader } from '../../../src/commands/audit/json-list.ts';

/** Reads the text in pieces of this many bytes. */
function read(text: string, pieceBytes: number): { items: unknown[]; object: unknown; isList: boolean } {
  const bytes = Buffer.from(text);
  const reader = new JsonListReader();
  const items: unknown[] = [];
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    for (const { object } of reader.push(bytes.subarray(at, at + pieceBytes))) items.push(object);
  }
  return { items, ...reader.end() };
}

const json = fc.jsonValue({ maxDepth: 3 });
const object = fc.dictionary(fc.string(), json, { maxKeys: 5 });
const indent = fc.constantFrom(0, 2, 4);

/** What JSON.parse makes of the same text; a number such as -0 is not what it was before it was written. */
function parsed(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

describe('JsonListReader', () => {
  test('gives the items of any list, wherever the pieces of its text end', () => {
    const around = fc.dictionary(fc.string(), json, { maxKeys: 3, noNullPrototype: true });
    fc.assert(
      fc.property(
        around,
        fc.array(object, { maxLength: 4 }),
        around,
        indent,
        fc.integer({ min: 1, max: 40 }),
        (before, items, after, spaces, pieceBytes) => {
          const list = { ...before, items, ...after };
          if (list.items !== items) return;
          const text = JSON.stringify(list, null, spaces);
          const found = read(text, pieceBytes);
          expect(found).toEqual({ items: parsed(items), object: parsed({ ...list, items: [] }), isList: true });
        },
      ),
    );
  });

  test('gives a document without items as it is', () => {
    fc.assert(
      fc.property(object, indent, fc.integer({ min: 1, max: 40 }), (document, spaces, pieceBytes) => {
        if (Array.isArray(document['items'])) return;
        const found = read(JSON.stringify(document, null, spaces), pieceBytes);
        expect(found).toEqual({ items: [], object: parsed(document), isList: false });
      }),
    );
  });

  test.each([
    '{"x":"\\"items\\":[","items":[{"a":"}]\\\\"}]}',
    '{"items":"x","other":[{"a":1}],"items":[{"a":"}]\\\\"}]}',
    '{"x":{"items":[1]},"items":\n[ {"a":"}]\\\\"}\n]\n}\n',
  ])('is not misled by %j', text => {
    expect(read(text, 3).items).toEqual([{ a: '}]\\' }]);
  });

  test('says on which line an item begins', () => {
    const [item] = new JsonListReader().push(Buffer.from('{\n"items": [\n\n{"a":\n1}'));
    expect(item).toEqual({ object: { a: 1 }, line: 4 });
  });

  test('takes no object that is larger than any the API server could hold', () => {
    const reader = new JsonListReader();
    const piece = Buffer.alloc(1024 * 1024, 'x');
    expect(() => {
      Array.from(reader.push(Buffer.from('{"items":[{"a":"')));
      for (let count = 0; count < 40; count += 1) Array.from(reader.push(piece));
    }).toThrow(/expected objects of at most 33554432 bytes/);
  });
});
