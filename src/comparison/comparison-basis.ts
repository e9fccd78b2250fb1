import type { IdentityInputs } from '../identity/resolve.ts';
import type { InjectionSettings } from '../injection/settings.ts';
import { isObject, listAt, ownString, type JsonObject } from '../util/json.ts';

/** What a pod is compared with. */
export interface ComparisonBasis {
  /** All that the decision about its ServiceAccount rests on. */
  readonly inputs: IdentityInputs;
  /** The annotations of the account as written, for slips in their names; undefined where they cannot be seen. */
  readonly annotations: JsonObject | undefined;
  /** True when the associations are known; else they are concluded from the pod. */
  readonly associationsKnown: boolean;
  /** What the pod was created from, where it is known: what stands there survives every restart. */
  readonly template: JsonObject | undefined;
  readonly injection: InjectionSettings;
}

/** What a pod was created from, as far as it is known. Undefined answers mean that it is not known. */
export interface TemplateFacts {
  /** True when the template sets this variable in this container. */
  readonly sets: (container: string, variable: string) => boolean | undefined;
  readonly hasContainer: (name: string) => boolean | undefined;
  readonly hasVolume: (name: string) => boolean | undefined;
}

/** Reads a pod template: the webhook changes pods, never their templates, so what stands in one was written by its owner. */
export function readTemplate(template: JsonObject | undefined): TemplateFacts {
  if (template === undefined) return unknownTemplate;
  const containers = [...listAt(template, 'spec', 'containers'), ...listAt(template, 'spec', 'initContainers')];
  const variables = new Map(
    containers.filter(isObject).map(container => [nameOf(container), namesAt(container, 'env')]),
  );
  const volumes = namesAt(template, 'spec', 'volumes');
  return {
    sets: (container, variable) => variables.get(container)?.has(variable) ?? false,
    hasContainer: name => variables.has(name),
    hasVolume: name => volumes.has(name),
  };
}

const unknownTemplate: TemplateFacts = {
  sets: () => undefined,
  hasContainer: () => undefined,
  hasVolume: () => undefined,
};

function namesAt(object: JsonObject, ...path: readonly string[]): ReadonlySet<string> {
  return new Set(
    listAt(object, ...path)
      .filter(isObject)
      .map(nameOf),
  );
}

function nameOf(entry: JsonObject): string {
  return ownString(entry, 'name') ?? '';
}
