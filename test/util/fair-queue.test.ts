import { expect, test } from 'vitest';
import { FairQueue } from '../../src/util/fair-queue.ts';

/** Asks in this order, as `peer/namespace` and a number, and returns the order of the turns. */
function orderOf(asks: readonly string[]): readonly string[] {
  const queue = new FairQueue<string>();
  for (const ask of asks) {
    const [peer = '', namespace = ''] = ask.split('/');
    queue.push({ peer, namespace: namespace.replace(/\d+$/, '') }, ask);
  }
  expect(queue.size).toBe(asks.length);
  const order: string[] = [];
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) order.push(next);
  expect(queue.size).toBe(0);
  return order;
}

test.each([
  { name: 'nothing', asks: [], order: [] },
  { name: 'one namespace as it asked', asks: ['p/a1', 'p/a2', 'p/a3'], order: ['p/a1', 'p/a2', 'p/a3'] },
  { name: 'namespaces in turn', asks: ['p/a1', 'p/a2', 'p/a3', 'p/b1'], order: ['p/a1', 'p/b1', 'p/a2', 'p/a3'] },
  {
    name: 'peers in turn, however many namespaces one has',
    asks: ['p/a1', 'p/b1', 'p/c1', 'q/a1', 'q/a2'],
    order: ['p/a1', 'q/a1', 'p/b1', 'q/a2', 'p/c1'],
  },
])('shift() gives turns to $name', ({ asks, order }) => {
  expect(orderOf(asks)).toEqual(order);
});
