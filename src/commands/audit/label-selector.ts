import type { JsonObject } from '../../util/json.ts';
import { usageFailure } from '../common/command-failure.ts';
import { quote } from '../../util/text.ts';

const requirement =
  /\s*(?:(?<absent>!\s*)?(?<key>[A-Za-z0-9][\w./-]*)\s*(?:(?<operator>==|=|!=)\s*(?<value>[\w.-]*)|(?<set>in|notin)\s*\((?<values>[^()]*)\))?)\s*(?:,|$)/y;

/**
 * Reads a label selector as kubectl takes it, such as `app=web,tier!=test,env in (a, b),!canary`, into the form that objects
 * of the API hold. Throws CommandFailure.
 * https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors
 */
export function parseLabelSelector(text: string): JsonObject {
  const expressions: JsonObject[] = [];
  const next = new RegExp(requirement);
  while (next.lastIndex < text.length) {
    // A comma announces another requirement.
    const groups = text.trimEnd().endsWith(',') ? undefined : next.exec(text)?.groups;
    if (groups === undefined)
      throw usageFailure(`--selector: expected labels such as 'app=web,tier!=test', found ${quote(text)}`);
    expressions.push(toExpression(groups));
  }
  return { matchExpressions: expressions };
}

function toExpression(groups: { readonly [name: string]: string | undefined }): JsonObject {
  const { absent, key = '', operator, value = '', set, values = '' } = groups;
  if (absent !== undefined) return { key, operator: 'DoesNotExist' };
  if (set !== undefined) {
    return { key, operator: set === 'in' ? 'In' : 'NotIn', values: values.split(',').map(entry => entry.trim()) };
  }
  if (operator === undefined) return { key, operator: 'Exists' };
  return { key, operator: operator === '!=' ? 'NotIn' : 'In', values: [value] };
}
