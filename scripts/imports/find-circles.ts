import { roomOf } from './find-forbidden.ts';
import type { ImportingFile } from './read-imports.ts';

/** Which node leads to which. */
type Graph = ReadonlyMap<string, Set<string>>;

/** Finds the circles between files and between rooms, as in `a -> b -> a`. Type imports count. */
export function findCircles(files: readonly ImportingFile[]): readonly string[] {
  return [...takeCircles(graphOf(files, path => path)), ...takeCircles(graphOf(files, roomOf))];
}

function graphOf(files: readonly ImportingFile[], nodeOf: (path: string) => string | undefined): Graph {
  const graph = new Map<string, Set<string>>();
  for (const { path, imports } of files) {
    const from = nodeOf(path);
    if (from === undefined) continue;
    const next = graph.get(from) ?? new Set();
    graph.set(from, next);
    for (const { target } of imports) {
      const to = nodeOf(target);
      if (to !== undefined && (to !== from || from === path)) next.add(to);
    }
  }
  return graph;
}

/** Takes each circle out of the graph when it is found, so that one wrong import is reported once and not in every circle. */
function takeCircles(graph: Graph): readonly string[] {
  const circles: string[] = [];
  for (const node of graph.keys()) {
    for (let way = shortestCircle(graph, node); way !== undefined; way = shortestCircle(graph, node)) {
      circles.push(fromSmallest(way).join(' -> '));
      for (const [index, from] of way.entries()) graph.get(from)?.delete(way[index + 1] ?? node);
    }
  }
  return circles;
}

/** The nodes of the shortest way from a node back to it, without its end; breadth first. */
function shortestCircle(graph: Graph, start: string): readonly string[] | undefined {
  const seen = new Set<string>();
  const ways: (readonly string[])[] = [[start]];
  for (const way of ways) {
    for (const next of graph.get(way.at(-1) ?? start) ?? []) {
      if (next === start) return way;
      if (seen.has(next)) continue;
      seen.add(next);
      ways.push([...way, next]);
    }
  }
  return undefined;
}

/** The same circle from its smallest name back to it. */
function fromSmallest(circle: readonly string[]): readonly string[] {
  const first = circle.indexOf(circle.toSorted()[0] ?? '');
  const turned = [...circle.slice(first), ...circle.slice(0, first)];
  return [...turned, ...turned.slice(0, 1)];
}
