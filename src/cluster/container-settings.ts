import { readEnvironment, type Environment } from '../configuration/environment.ts';
import { readFlags, type WrittenText } from '../configuration/flags.ts';
import { serveRows, serveRowsByName } from '../configuration/serve-table.ts';
import { isObject, ownList, ownObject, ownString, type JsonObject } from '../util/type-guards.ts';

/** What a container of the webhook is started with. */
export interface ContainerSettings {
  /** By the setting's name. */
  readonly texts: ReadonlyMap<string, WrittenText>;
  /** What of it cannot be known from the manifest, a line each. */
  readonly notes: readonly string[];
}

/**
 * Reads the flags and the variables `IRSA_*` of a container as `irsa serve` does; words that are no flags, such as the program
 * itself, are passed over. `origin` names the container in messages, as in `Deployment irsa-system/irsa-webhook`.
 */
export function readContainerSettings(container: JsonObject, namespace: string, origin: string): ContainerSettings {
  const variables = readVariables(container, namespace);
  const written = [...ownList(container, 'command'), ...ownList(container, 'args')].filter(isString);
  const expanded = written.map(argument => expand(argument, variables));
  const flags = readFlags(expanded, serveRowsByName);
  const environment = readEnvironment(variables, serveRows);
  const texts = new Map<string, WrittenText>();
  const notes = unreadableVariables(container, origin);
  for (const [name, { text, label }] of [...environment.texts, ...flags.texts]) {
    if (reference.test(text)) notes.push(`${origin}: ${label} has a value that the manifest does not hold`);
    else texts.set(name, { text, label: `${label} of ${origin}` });
  }
  return { texts, notes };
}

function isString(value: unknown): value is string {
  return typeof value === 'string';
}

/** Values that the manifest holds: literal ones, and the namespace of the pod. */
function readVariables(container: JsonObject, namespace: string): Environment {
  const variables = new Map<string, string>();
  for (const entry of ownList(container, 'env').filter(isObject)) {
    const name = ownString(entry, 'name');
    const value = ownString(entry, 'value') ?? (isNamespace(entry) ? namespace : undefined);
    if (name !== undefined && value !== undefined) variables.set(name, value);
  }
  return Object.fromEntries(variables);
}

function isNamespace(entry: JsonObject): boolean {
  const field = ownObject(ownObject(entry, 'valueFrom') ?? {}, 'fieldRef');
  return field !== undefined && ownString(field, 'fieldPath') === 'metadata.namespace';
}

/** `$(NAME)`, which the kubelet replaces by the container's variable. */
const reference = /\$\([A-Za-z0-9_.-]+\)/;

/**
 * What is not known stays, and so does `$$(NAME)`, which escapes a reference.
 * https://kubernetes.io/docs/tasks/inject-data-application/define-interactive-environment-variable-container/
 */
function expand(argument: string, variables: Environment): string {
  return argument.replaceAll(/\$?\$\(([A-Za-z0-9_.-]+)\)/g, (written: string, name: string) => {
    if (written.startsWith('$$') || !Object.hasOwn(variables, name)) return written;
    return variables[name] ?? written;
  });
}

/** Settings may come from where only the kubelet reads. */
function unreadableVariables(container: JsonObject, origin: string): string[] {
  const notes: string[] = [];
  if (ownList(container, 'envFrom').length > 0) {
    notes.push(`${origin}: envFrom may set variables IRSA_* that are not seen here`);
  }
  for (const entry of ownList(container, 'env').filter(isObject)) {
    const name = ownString(entry, 'name') ?? '';
    if (name.startsWith('IRSA_') && ownObject(entry, 'valueFrom') !== undefined && !isNamespace(entry)) {
      notes.push(`${origin}: ${name} has a value that the manifest does not hold`);
    }
  }
  return notes;
}
