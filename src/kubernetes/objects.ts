import { isObject, ownField, ownList, ownObject, ownString, type JsonObject } from '../util/type-guards.ts';

/**
 * Whether the selector of a webhook or a Service's owner takes an object with these labels. An empty selector takes all.
 * https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#resources-that-support-set-based-requirements
 */
export function matchesLabels(selector: JsonObject, labels: JsonObject): boolean {
  return (
    hasLabels(ownObject(selector, 'matchLabels') ?? {}, labels) &&
    ownList(selector, 'matchExpressions').every(expression => isObject(expression) && fits(expression, labels))
  );
}

/** Whether all of the wanted labels are there, each with its value. */
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
