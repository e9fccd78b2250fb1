import { isObject, objectAt, ownField, ownList, ownObject, ownString, type JsonObject } from '../util/json.ts';

/** The metadata of an object, empty where it has none. */
export function metadataOf(object: JsonObject): JsonObject {
  return ownObject(object, 'metadata') ?? {};
}

/** The name of an object, empty where it has none. */
export function nameOf(object: JsonObject): string {
  return ownString(metadataOf(object), 'name') ?? '';
}

/** The namespace of an object; `otherwise` for one that names none, as a manifest may. */
export function namespaceOf(object: JsonObject, otherwise = ''): string {
  return ownString(metadataOf(object), 'namespace') || otherwise;
}

/** The labels of an object, empty where it has none. */
export function labelsOf(object: JsonObject): JsonObject {
  return ownObject(metadataOf(object), 'labels') ?? {};
}

/** True for an object of this kind in the core group, such as `Pod`. */
export function isKind(object: JsonObject, kind: string): boolean {
  return ownString(object, 'apiVersion') === 'v1' && ownString(object, 'kind') === kind;
}

/** The template of the pods that a Deployment and its like make, empty where it has none. */
export function podTemplateOf(object: JsonObject): JsonObject {
  return objectAt(object, 'spec', 'template') ?? {};
}

/**
 * Returns whether the selector of a webhook or a Service's owner takes an object with these labels. An empty selector takes all.
 * https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#resources-that-support-set-based-requirements
 */
export function matchesLabels(selector: JsonObject, labels: JsonObject): boolean {
  return (
    hasLabels(ownObject(selector, 'matchLabels') ?? {}, labels) &&
    ownList(selector, 'matchExpressions').every(expression => isObject(expression) && fits(expression, labels))
  );
}

/** Returns whether all of the wanted labels are there, each with its value. */
export function hasLabels(wanted: JsonObject, labels: JsonObject): boolean {
  return Object.entries(wanted).every(([key, value]) => ownField(labels, key) === value);
}

function fits(expression: JsonObject, labels: JsonObject): boolean {
  const value = ownField(labels, ownString(expression, 'key') ?? '');
  const isListed = ownList(expression, 'values').includes(value);
  switch (ownString(expression, 'operator')) {
    case 'In':
      return isListed;
    case 'NotIn':
      return !isListed;
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    default:
      return false;
  }
}

/** https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#dns-label-names */
const label = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/;
const maxLabelCharacters = 63;
const maxSubdomainCharacters = 253;

/** True when the text can be the name of a namespace (DNS label). */
export function isNamespaceName(text: string): boolean {
  return text.length <= maxLabelCharacters && label.test(text);
}

/** True when the text can be the name of a ServiceAccount (DNS subdomain; its labels may be longer than 63 characters). */
export function isServiceAccountName(text: string): boolean {
  return text.length <= maxSubdomainCharacters && text.split('.').every(part => label.test(part));
}
