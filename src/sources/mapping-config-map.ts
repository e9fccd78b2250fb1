import { emptyMapping, parseMapping, type RoleMapping } from '../identity/mapping.ts';
import type { RoleArnParts } from '../identity/defaults.ts';
import { nameOf } from '../kubernetes/objects.ts';
import { configMapsPath } from '../kubernetes/paths.ts';
import type { ResourceHandler, WatchedResource, ChangeEvent } from '../kubernetes/watched-resource.ts';
import type { Log } from '../util/log.ts';
import { textAt, type JsonObject } from '../util/json.ts';

/** Problems of one document that get a line each; the rest is only counted. */
const maxLoggedProblems = 10;

/** The ConfigMap that holds the mapping. */
export interface MappingConfigMapOptions {
  readonly namespace: string;
  /** `pod-identity-webhook` */
  readonly name: string;
  /** Completes bare role names (`--compose-role-arn`). */
  readonly composeWith: RoleArnParts | undefined;
  readonly log: Log;
}

/** The mapping ConfigMap as a watched resource: this one object of the namespace and no other (E63). */
export function mappingResource(namespace: string, name: string): WatchedResource {
  return {
    resource: 'configmaps',
    kind: 'ConfigMap',
    path: configMapsPath(namespace),
    query: { fieldSelector: `metadata.name=${name}` },
    permissionHint: `the Role in namespace ${namespace} needs get, list and watch on configmaps`,
  };
}

/**
 * The mapping from `data.config`, parsed once for each change and replaced as a whole (E60). A document that cannot be
 * read at all leaves the last good mapping in force (E57).
 */
export class MappingConfigMap implements ResourceHandler {
  readonly #options: MappingConfigMapOptions;
  #mapping: RoleMapping = emptyMapping;
  #text: string | undefined;
  #gathered: string | undefined;
  #problems = 0;

  constructor(options: MappingConfigMapOptions) {
    this.#options = options;
  }

  /** The mapping in force; empty before the first list. */
  current(): RoleMapping {
    return this.#mapping;
  }

  /** How many entries of the newest document were left out; 1 where it could not be read at all. */
  problems(): number {
    return this.#problems;
  }

  begin(): void {
    this.#gathered = undefined;
  }

  item(object: JsonObject): void {
    if (this.#isOurs(object)) this.#gathered = configOf(object);
  }

  itemDeleted(object: JsonObject): void {
    if (this.#isOurs(object)) this.#gathered = undefined;
  }

  commit(): void {
    this.#replace(this.#gathered);
  }

  applied(event: ChangeEvent): void {
    if (this.#isOurs(event.object)) this.#replace(event.type === 'DELETED' ? undefined : configOf(event.object));
  }

  #isOurs(object: JsonObject): boolean {
    return nameOf(object) === this.#options.name;
  }

  #replace(text: string | undefined): void {
    if (text === this.#text) return;
    this.#text = text;
    const parsed = text === undefined ? nothingMapped : parseMapping(text, this.#options.composeWith);
    if (parsed.kind === 'malformed') {
      this.#problems = 1;
      this.#options.log.warn('Mapping cannot be read, the last good one stays in force.', this.#fields(parsed.detail));
      return;
    }
    this.#mapping = parsed.mapping;
    this.#problems = parsed.problems.length;
    for (const problem of parsed.problems.slice(0, maxLoggedProblems)) {
      this.#options.log.warn('Mapping entry left out.', this.#fields(problem));
    }
    this.#options.log.info('Mapping replaced.', { entries: parsed.mapping.size, problems: this.#problems });
  }

  #fields(detail: string): { configMap: string; detail: string } {
    return { configMap: `${this.#options.namespace}/${this.#options.name}`, detail };
  }
}

const nothingMapped = { kind: 'mapping', mapping: emptyMapping, problems: [] } as const;

function configOf(configMap: JsonObject): string | undefined {
  return textAt(configMap, 'data', 'config');
}
