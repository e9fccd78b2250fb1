import type { KubernetesObject } from './helm.ts';
import { customResources } from './custom-resources.ts';

interface Model {
  validate(): void;
}

/** Throws when a field has the wrong type or a required one is missing. */
export async function validateObject(object: KubernetesObject): Promise<void> {
  const type = `${object.apiVersion}/${object.kind}`;
  const custom = customResources.get(type);
  if (custom !== undefined) {
    custom.parse(object);
    return;
  }
  const models = (await import(/* @vite-ignore */ `kubernetes-models/${type}`)) as Record<
    string,
    new (data: unknown) => Model
  >;
  const Kind = models[object.kind];
  if (Kind === undefined) throw new Error(`expected kubernetes-models to know ${type}`);
  new Kind(object).validate();
}
