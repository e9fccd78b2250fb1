import type { ChartValue } from './chart-values.ts';

type Schema = Readonly<Record<string, unknown>>;

const text: Schema = { type: 'string' };

/** What Kubernetes defines is left to Kubernetes; only the outer form is held to. */
const definitions: Readonly<Record<string, Schema>> = {
  open: { type: 'object' },
  objects: { type: 'array', items: { type: 'object' } },
  texts: { type: 'array', items: text },
  strings: { type: 'object', additionalProperties: text },
  numberOrText: { type: ['integer', 'string', 'null'] },
  duration: { type: 'string', pattern: '^([0-9]+(\\.[0-9]+)?(ns|us|µs|ms|s|m|h))+$' },
  references: {
    type: 'array',
    items: {
      anyOf: [text, { type: 'object', properties: { name: text }, required: ['name'], additionalProperties: false }],
    },
  },
  resources: {
    type: 'object',
    properties: { limits: { type: 'object' }, requests: { type: 'object' }, claims: { type: 'array' } },
    additionalProperties: false,
  },
  selector: {
    type: 'object',
    properties: {
      matchLabels: { type: 'object', additionalProperties: text },
      matchExpressions: { type: 'array', items: { type: 'object' } },
    },
    additionalProperties: false,
  },
  conditions: {
    type: 'array',
    items: {
      type: 'object',
      properties: { name: text, expression: text },
      required: ['name', 'expression'],
      additionalProperties: false,
    },
  },
};

/** values.schema.json: every key has a description, and a key that does not exist is refused. */
export function renderChartSchema(values: readonly ChartValue[]): string {
  const schema = {
    $schema: 'http://json-schema.org/draft-07/schema#', // the newest that every Helm 3 knows
    title: 'Values of the chart irsa-webhook',
    ...closedObject(values),
    $defs: definitions,
  };
  return `${JSON.stringify(schema, undefined, 2)}\n`;
}

function closedObject(values: readonly ChartValue[]): Schema {
  const properties = Object.fromEntries(values.map(value => [value.path.at(-1), schemaOf(value)]));
  return { type: 'object', properties, additionalProperties: false };
}

function schemaOf({ path, description, default: value, schema = {}, children }: ChartValue): Schema {
  if (children !== undefined) return { description, ...closedObject(children), ...schema };
  // Beside a $ref, draft 7 ignores all else.
  if ('$ref' in schema) return { description, allOf: [schema] };
  return { description, ...('type' in schema || 'enum' in schema ? {} : { type: typeOf(value, path) }), ...schema };
}

function typeOf(value: unknown, path: readonly string[]): string {
  if (typeof value === 'string' || typeof value === 'boolean') return typeof value;
  if (Number.isInteger(value)) return 'integer';
  throw new Error(`expected an @schema comment for ${path.join('.')} in values.yaml: its default says too little`);
}
