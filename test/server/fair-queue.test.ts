import { expect, test } from 'vitest';
import { FairQueue } from '../../src/server/turns.ts';

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

test('shift() gives the same turns when all have had theirs, to however many', () => {
  const queue = new FairQueue<string>();
  const names = Array.from({ length: 40 }, (_, index) => `${index}`);
  for (let time = 0; time < 2; time += 1) {
    for (const name of [...names, ...names]) {
      queue.push({ peer: 'p', namespace: name }, `p/${name}`);
      queue.push({ peer: name, namespace: 'a' }, `${name}/a`);
    }
    const order = Array.from({ length: 160 }, () => queue.shift());
    const round = names.map(name => `${name}/a`);
    expect(order.slice(0, 82)).toEqual(['p/0', ...round, 'p/1', ...round]);
    expect(order.slice(82)).toEqual([...names.slice(2), ...names].map(name => `p/${name}`));
    expect(queue.shift()).toBeUndefined();
  }
});
