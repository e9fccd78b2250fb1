import { isObject, ownField, ownList, ownObject, ownString, type JsonObject } from '../src/util/json.ts';

/** A function and its share of the whole, callees not counted. */
export interface HotSpot {
  readonly name: string;
  readonly share: number;
}

/** The functions with most samples of a CPU profile. */
export function hotSpotsOfCpu(profile: JsonObject): readonly HotSpot[] {
  const nodes = ownList(profile, 'nodes').filter(isObject);
  const counts = nodes.map(node => ({ name: nameOf(node), amount: numberOf(node, 'hitCount') }));
  return rank(counts.filter(({ name }) => name !== '(idle)' && name !== '(root)'));
}

/** The functions that allocated most, in a sampled heap profile. */
export function hotSpotsOfHeap(profile: JsonObject): readonly HotSpot[] {
  const amounts: Amount[] = [];
  const waiting = [ownObject(profile, 'head')];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    amounts.push({ name: nameOf(node), amount: numberOf(node, 'selfSize') });
    waiting.push(...ownList(node, 'children').filter(isObject));
  }
  return rank(amounts);
}

interface Amount {
  readonly name: string;
  readonly amount: number;
}

function rank(amounts: readonly Amount[]): readonly HotSpot[] {
  const sums = new Map<string, number>();
  for (const { name, amount } of amounts) sums.set(name, (sums.get(name) ?? 0) + amount);
  const total = [...sums.values()].reduce((sum, amount) => sum + amount, 0);
  const spots = [...sums].map(([name, amount]) => ({ name, share: total === 0 ? 0 : amount / total }));
  return spots.toSorted((a, b) => b.share - a.share);
}

function nameOf(node: JsonObject): string {
  const frame = ownObject(node, 'callFrame') ?? {};
  const file = (ownString(frame, 'url') ?? '').split('/').at(-1) ?? '';
  const name = ownString(frame, 'functionName') || '(anonymous)';
  return file === '' ? name : `${name} ${file}:${numberOf(frame, 'lineNumber') + 1}`;
}

function numberOf(object: JsonObject, name: string): number {
  const value = ownField(object, name);
  return typeof value === 'number' ? value : 0;
}
