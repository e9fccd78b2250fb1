import { isMap, isScalar, parseDocument, type Pair, type YAMLMap } from 'yaml';

/** One key of values.yaml with its comment. */
export interface ChartValue {
  readonly path: readonly string[];
  readonly description: string;
  readonly default: unknown;
  /** The JSON behind `@schema`: what the value may be, where that does not follow from its default. */
  readonly schema: Readonly<Record<string, unknown>> | undefined;
  /** The keys below; undefined for a value that is given as a whole. */
  readonly children: readonly ChartValue[] | undefined;
}

/** Reads values.yaml. Throws when a key has no description. */
export function readChartValues(text: string): readonly ChartValue[] {
  const { contents, errors } = parseDocument(text);
  if (errors[0] !== undefined) throw errors[0];
  if (!isMap(contents)) throw new Error('expected values.yaml to hold a map');
  return readMap(contents, []);
}

function readMap(map: YAMLMap, path: readonly string[]): readonly ChartValue[] {
  return map.items.map((pair, index) => readPair(pair, path, index === 0 ? map.commentBefore : undefined));
}

function readPair(
  { key, value }: Pair,
  parent: readonly string[],
  commentOfMap: string | null | undefined,
): ChartValue {
  if (!isScalar(key)) throw new Error(`expected plain keys in values.yaml, found another below ${parent.join('.')}`);
  const path = [...parent, String(key.value)];
  const { description, schema } = readComment(key.commentBefore ?? commentOfMap ?? '', path);
  // A map of which a schema says what it may be is given as a whole, unless the schema only loosens it.
  const isSection = isMap(value) && value.items.length > 0 && (schema === undefined || !('$ref' in schema));
  return {
    path,
    description,
    default: toPlain(value),
    schema,
    children: isSection ? readMap(value, path) : undefined,
  };
}

/** Nodes of the document are written as the JSON that they stand for. */
function toPlain(node: unknown): unknown {
  return JSON.parse(JSON.stringify(node));
}

/** `-- text` that may go on in the next lines, then perhaps `@schema {…}`; what stands before is a heading. */
function readComment(comment: string, path: readonly string[]): Pick<ChartValue, 'description' | 'schema'> {
  const lines = comment.split('\n').map(line => line.trim());
  const start = lines.findLastIndex(line => line.startsWith('-- '));
  if (start === -1) throw new Error(`expected a comment "-- what it is" above ${path.join('.')} in values.yaml`);
  const schemaLine = lines.find((line, index) => index > start && line.startsWith('@schema '));
  const text = lines.slice(start).filter(line => !line.startsWith('@schema '));
  const schema = schemaLine === undefined ? undefined : JSON.parse(schemaLine.slice('@schema '.length));
  return { description: text.join(' ').slice('-- '.length).trim(), schema };
}
