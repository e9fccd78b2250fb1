import { describe, expect, test } from 'vitest';
import { LineSplitter } from '../../src/kubernetes/response-body.ts';
import { heldBytes } from '../support/held-bytes.ts';

const mebibyte = 1024 * 1024;

function split(chunks: readonly string[], maxLineBytes = 100): string[] {
  const splitter = new LineSplitter(maxLineBytes);
  return chunks.flatMap(chunk => [...splitter.push(Buffer.from(chunk))]).map(line => line.toString('utf8'));
}

describe('LineSplitter', () => {
  test.each([
    { name: 'one line', chunks: ['a\n'], expected: ['a'] },
    { name: 'several lines in a chunk', chunks: ['a\nbb\nccc\n'], expected: ['a', 'bb', 'ccc'] },
    { name: 'a line over many chunks', chunks: ['a', 'b', 'c', 'd\n'], expected: ['abcd'] },
    { name: 'a newline of its own chunk', chunks: ['ab', '\n', 'c\n'], expected: ['ab', 'c'] },
    { name: 'empty lines', chunks: ['\n\n'], expected: ['', ''] },
    { name: 'an end without newline', chunks: ['a\nb'], expected: ['a'] },
    { name: 'nothing', chunks: [], expected: [] },
  ])('push() gives $name', ({ chunks, expected }) => {
    expect(split(chunks)).toEqual(expected);
  });

  test('push() keeps characters whole that chunks cut (E17)', () => {
    const bytes = Buffer.from('{"name":"ü😀"}\n');
    for (let cut = 1; cut < bytes.length; cut += 1) {
      const splitter = new LineSplitter(100);
      const lines = [bytes.subarray(0, cut), bytes.subarray(cut)].flatMap(chunk => [...splitter.push(chunk)]);
      expect(lines.map(line => line.toString('utf8'))).toEqual(['{"name":"ü😀"}']);
    }
  });

  test('push() allows a line of exactly the limit', () => {
    expect(split(['12345', '67890\n'], 10)).toEqual(['1234567890']);
  });

  test.each([{ chunks: ['12345678901\n'] }, { chunks: ['123456', '78901\n'] }, { chunks: ['12345678901'] }])(
    'push() throws response_too_large for $chunks and a limit of 10',
    ({ chunks }) => {
      expect(() => split(chunks, 10)).toThrow(expect.objectContaining({ code: 'response_too_large' }));
    },
  );

  test('push() gives a line of megabytes that came in thousands of chunks', () => {
    const splitter = new LineSplitter(8 * 1024 * 1024);
    const chunk = Buffer.alloc(1024, 'a');
    const early = Array.from({ length: 8 * 1024 - 1 }, () => [...splitter.push(chunk)]).flat();
    expect(early).toEqual([]);
    const [line] = splitter.push(Buffer.from('\n'));
    expect(line?.length).toBe((8 * 1024 - 1) * 1024);
  });

  test('push() holds no more than the bytes of a line when they come one by one', () => {
    const splitter = new LineSplitter(8 * mebibyte);
    const before = heldBytes();
    for (let bytes = 0; bytes < 300_000; bytes += 1) expect([...splitter.push(Buffer.from('a'))]).toEqual([]);
    // A Buffer for each piece takes 30 MiB.
    expect(heldBytes() - before).toBeLessThan(10 * mebibyte);
    const [line] = splitter.push(Buffer.from('\n'));
    expect(line?.length).toBe(300_000);
  });
});
