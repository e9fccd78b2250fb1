import { roomOf } from './find-forbidden.ts';
import type { ImportingFile } from './read-imports.ts';

/** Which node leads to which. */
type Graph = ReadonlyMap<string, ReadonlySet<string>>;

/** Finds the circles between files and between rooms, as in `a -> b -> a`. Type imports count. */
export function findCircles(files: readonly ImportingFile[]): readonly string[] {
  return [...circlesOf(graphOf(files, path => path)), ...circlesOf(graphOf(files, roomOf))];
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

/** The shortest circle of each node that is on one; one that several share appears once. */
function circlesOf(graph: Graph): ReadonlySet<string> {
  const circles = [...graph.keys()].map(node => shortestCircle(graph, node)).filter(circle => circle !== undefined);
  return new Set(circles.map(circle => fromSmallest(circle).join(' -> ')));
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
