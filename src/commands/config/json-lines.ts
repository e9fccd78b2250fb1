import { isMap, isScalar, isSeq, LineCounter, parseDocument, type Document, type Node } from 'yaml';
import { ManifestProblem, type ManifestPlace } from '../../manifests/manifest-problem.ts';
import { quote } from '../../util/text.ts';

/** One member of a JSON object, with the line of its key. */
export interface JsonMember {
  readonly key: string;
  readonly value: unknown;
  /** From 1. */
  readonly line: number;
  readonly isRepeated: boolean;
}

/** A JSON document with the places of its parts. */
export interface JsonLines {
  /** The members of the object at the root, those of a repeated key too. */
  members(): readonly JsonMember[];
  /** The lines of the entries of the list at the root's member of this name, in any case. */
  linesOfList(name: string): readonly number[];
}

/**
 * Reads JSON with the lines of its parts: JSON is YAML, whose reader knows them. Throws ManifestProblem for what is no JSON,
 * as the webhook would not read it either.
 */
export function readJsonLines(text: string, where: ManifestPlace): JsonLines {
  requireJson(text, where);
  const counter = new LineCounter();
  const tree = parseDocument(text, { lineCounter: counter, uniqueKeys: false, schema: 'json', logLevel: 'silent' });
  const lineOf = (node: Node): number => counter.linePos(node.range?.[0] ?? 0).line;
  return { members: () => membersOf(tree, lineOf), linesOfList: name => linesOfList(tree, name, lineOf) };
}

/** The engine's own message repeats the text and seldom says where, so the place is searched for. */
function requireJson(text: string, { source, line }: ManifestPlace): void {
  if (jsonError(text) === undefined) return;
  const fault = findFault(text);
  const found = text.slice(fault).trim() === '' ? 'the end of the text' : quote(text.slice(fault, fault + 1));
  const atLine = line + text.slice(0, fault).trimEnd().split('\n').length - 1;
  throw new ManifestProblem({ source, line: atLine }, `expected JSON, found ${found}`);
}

/** The place of the first character that cannot follow what is before it; the text's length where only more is missing. */
function findFault(text: string): number {
  let [low, high] = [0, text.length];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (isBroken(text.slice(0, middle + 1))) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** True for a text that nothing could complete. */
function isBroken(start: string): boolean {
  const error = jsonError(start);
  if (error === undefined || /end of JSON|Unterminated/.test(error)) return false;
  return Number(/position (\d+)/.exec(error)?.[1] ?? -1) < start.length;
}

function jsonError(text: string): string | undefined {
  try {
    JSON.parse(text);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : 'no JSON';
  }
}

function membersOf(tree: Document, lineOf: (node: Node) => number): readonly JsonMember[] {
  if (!isMap(tree.contents)) return [];
  const seen = new Set<string>();
  return tree.contents.items.flatMap(pair => {
    if (!isScalar(pair.key)) return [];
    const key = String(pair.key.value);
    const isRepeated = seen.has(key);
    seen.add(key);
    const value: unknown = isNodeLike(pair.value) ? pair.value.toJS(tree) : null;
    return [{ key, value, line: lineOf(pair.key), isRepeated }];
  });
}

function isNodeLike(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'toJS' in value;
}

function linesOfList(tree: Document, name: string, lineOf: (node: Node) => number): readonly number[] {
  if (!isMap(tree.contents)) return [];
  const list = tree.contents.items.findLast(
    ({ key }) => isScalar(key) && String(key.value).toLowerCase() === name.toLowerCase(),
  )?.value;
  return isSeq(list) ? list.items.map(item => (isNodeLike(item) ? lineOf(item) : 1)) : [];
}
