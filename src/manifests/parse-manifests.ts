import { isNode } from 'yaml';
import { isArray, isObject, ownField, ownString, type JsonObject, parseJson } from '../util/json.ts';
import { ManifestProblem, type ManifestPlace } from './manifest-problem.ts';
import { isTooDeep, maxNesting } from './nesting.ts';
import { readYamlDocuments, type YamlDocument } from './yaml-documents.ts';

/** One step into a document: the key of an object or the index of a list. */
export type PathStep = string | number;

/** A Kubernetes object of an input. */
export interface ManifestObject {
  readonly object: JsonObject;
  /** Name of the file as it was given, or `stdin`. */
  readonly source: string;
  /** Place of its document in the text, from 1. */
  readonly document: number;
  /** The line, from 1, on which it begins; in JSON, on which its document does. */
  readonly line: number;
  /** Where it is in its document: empty, or its place in a `kind: List`. */
  readonly path: readonly PathStep[];
}

/**
 * Reads the Kubernetes objects of a text: YAML of any number of documents, or JSON. Lists are taken apart. Throws
 * ManifestProblem for anything else.
 */
export function parseManifests(text: string, source: string): readonly ManifestObject[] {
  return Array.from(readDocuments(text, source)).flatMap(document => objectsOf(document, source));
}

/** Reads any one document, for files that are no manifests. Undefined for a text without one. Throws ManifestProblem. */
export function parseOneDocument(text: string, source: string): unknown {
  const [first, second] = readDocuments(text, source);
  if (second !== undefined)
    throw new ManifestProblem({ source, line: second.lineAt([]) }, 'expected one document, found more');
  return first?.value;
}

interface ReadDocument {
  readonly number: number;
  readonly value: unknown;
  /** The line, from 1, of what is at this path, or else of the document. */
  readonly lineAt: (path: readonly PathStep[]) => number;
}

function readDocuments(text: string, source: string): Iterable<ReadDocument> {
  const json = readJson(text);
  if (json === undefined) return fromYaml(readYamlDocuments(text, source));
  if (!isTooDeep(json)) return [{ number: 1, value: json, lineAt: () => 1 }];
  throw new ManifestProblem({ source, line: 1 }, `expected at most ${maxNesting} levels, found more`);
}

/** JSON.parse is fifty times as fast as the reader of YAML: dumps of a cluster are large. YAML in flow style begins alike. */
function readJson(text: string): unknown {
  const withoutMark = text.startsWith('\uFEFF') ? text.slice(1) : text;
  return /^\s*[[{]/.test(withoutMark) ? parseJson(withoutMark) : undefined;
}

function* fromYaml(documents: Iterable<YamlDocument>): Generator<ReadDocument> {
  for (const { number, value, tree, lineOf } of documents) {
    yield {
      number,
      value,
      lineAt: path => {
        const node = tree.getIn(path, true);
        return lineOf(isNode(node) ? node : null);
      },
    };
  }
}

interface Item {
  readonly value: unknown;
  readonly path: readonly PathStep[];
}

function objectsOf(document: ReadDocument, source: string): readonly ManifestObject[] {
  const { number, lineAt } = document;
  const objects: ManifestObject[] = [];
  // Lists may hold lists; the last item is the next, so that the order stays.
  const waiting: Item[] = [{ value: document.value, path: [] }];
  for (let item = waiting.pop(); item !== undefined; item = waiting.pop()) {
    const { value, path } = item;
    const object = readObject(value, { source, line: lineAt(path) });
    const items = itemsOf(object, path);
    if (items === undefined) objects.push({ object, source, document: number, line: lineAt(path), path });
    else for (const listed of items.toReversed()) waiting.push(listed);
  }
  return objects;
}

function readObject(value: unknown, place: ManifestPlace): JsonObject {
  const expected = 'expected a Kubernetes object with apiVersion and kind';
  if (!isObject(value))
    throw new ManifestProblem(place, `${expected}, found ${isArray(value) ? 'a list' : typeof value}`);
  const missing = ['apiVersion', 'kind'].find(field => !ownString(value, field));
  if (missing === undefined) return value;
  throw new ManifestProblem(place, `${expected}, found one without ${missing}`);
}

/** The items of a list: `v1` `List`, or `PodList` and the like, whose items do not say what they are. */
function itemsOf(object: JsonObject, path: readonly PathStep[]): readonly Item[] | undefined {
  const kind = ownString(object, 'kind') ?? '';
  const items = ownField(object, 'items');
  if (!kind.endsWith('List') || !isArray(items)) return undefined;
  const itemKind = kind.slice(0, -'List'.length);
  const itemType = itemKind === '' ? {} : { apiVersion: object['apiVersion'], kind: itemKind };
  return items.map((item, index) => ({
    value: isObject(item) ? { ...itemType, ...item } : item,
    path: [...path, 'items', index],
  }));
}
