import { isObject, ownField, ownString, type JsonObject } from '../util/json.ts';
import { entriesOf, type Container } from './pod.ts';

/** The variables of a container whose names begin with `AWS_`, by name. Of two of one name the last counts, as it does for the kubelet. */
export type AwsVariables = ReadonlyMap<string, JsonObject>;

/** Reads the AWS variables of a container. Those of `envFrom` cannot be seen (E93). */
export function awsVariables(container: Container): AwsVariables {
  let found: Map<string, JsonObject> | undefined;
  for (const entry of entriesOf(container.env)) {
    if (!isObject(entry)) continue;
    const name = ownString(entry, 'name');
    if (name?.startsWith('AWS_') === true) found = (found ?? new Map()).set(name, entry);
  }
  return found ?? noVariables;
}

const noVariables: AwsVariables = new Map();

/**
 * The value that the container will see; undefined where the variable is not set, or where its value is not known here: from a
 * `valueFrom`, or with a reference such as `$(NAME)`.
 */
export function literalOf(variable: JsonObject | undefined): string | undefined {
  if (variable === undefined || (ownField(variable, 'valueFrom') ?? null) !== null) return undefined;
  const value = ownField(variable, 'value') ?? '';
  return typeof value === 'string' && !value.includes('$(') ? value : undefined;
}
