import { describe, expect, test } from 'vitest';
import { LinkedList, type Linked } from '../../src/util/linked-list.ts';

class Item implements Linked<Item> {
  previous: Item | undefined;
  next: Item | undefined;
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

function listOf(...names: string[]): { list: LinkedList<Item>; items: Item[] } {
  const list = new LinkedList<Item>();
  const items = names.map(name => new Item(name));
  for (const item of items) list.add(item);
  return { list, items };
}

function namesIn(list: LinkedList<Item>): string {
  return [...list].map(({ name }) => name).join(' ');
}

describe('LinkedList', () => {
  test.each([
    { removed: [0], left: 'b c' },
    { removed: [1], left: 'a c' },
    { removed: [2], left: 'a b' },
    { removed: [0, 1], left: 'c' },
    { removed: [2, 1], left: 'a' },
    { removed: [1, 0, 2], left: '' },
    { removed: [1, 1], left: 'a c' },
  ])('remove() leaves "$left" of "a b c" when $removed are removed', ({ removed, left }) => {
    const { list, items } = listOf('a', 'b', 'c');
    for (const index of removed) {
      const item = items[index];
      if (item !== undefined) list.remove(item);
    }
    expect([namesIn(list), list.first?.name ?? '']).toEqual([left, left.split(' ')[0]]);
  });

  test('remove() does nothing with an item that was never added', () => {
    const { list } = listOf('a', 'b');
    list.remove(new Item('c'));
    expect(namesIn(list)).toBe('a b');
  });

  test('remove() leaves no link from the item to the others', () => {
    const { list, items } = listOf('a', 'b', 'c');
    const [, b] = items;
    if (b !== undefined) list.remove(b);
    expect([b?.previous, b?.next]).toEqual([undefined, undefined]);
  });

  test('add() puts an item that was removed at the end', () => {
    const { list, items } = listOf('a', 'b', 'c');
    const [a] = items;
    if (a !== undefined) {
      list.remove(a);
      list.add(a);
    }
    expect(namesIn(list)).toBe('b c a');
  });
});
