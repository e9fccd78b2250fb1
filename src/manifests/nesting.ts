import { isArray, isObject } from '../util/type-guards.ts';

/** Deeper than any object that the API server takes in practice: schemas of custom resources reach about 60. */
export const maxNesting = 200;

/** True when a value without shared references, as JSON.parse makes it, is nested deeper than `maxNesting`. */
export function isTooDeep(root: unknown): boolean {
  let level: readonly unknown[] = [root];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > maxNesting) return true;
    level = level.flatMap(childrenOf);
  }
  return false;
}

/** Values of a document once each alias is a copy. The largest manifests that people write hold some 100,000. */
const maxExpandedValues = 1_000_000;

interface Frame {
  readonly value: object;
  readonly children: readonly unknown[];
  next: number;
  values: number;
}

/**
 * Whether a value, in which aliases are shared references, is small enough to be copied ("billion laughs") and not nested
 * deeper than `maxNesting`. Its time follows the text's size, not the expanded one.
 */
export function isExpandable(root: unknown): boolean {
  const measured = new Map<object, number>();
  const stack: Frame[] = [];
  enter(root, measured, stack);
  for (let frame = stack.at(-1); frame !== undefined; frame = stack.at(-1)) {
    if (stack.length > maxNesting || frame.values > maxExpandedValues) return false;
    if (frame.next < frame.children.length) {
      frame.values += enter(frame.children[frame.next], measured, stack);
      frame.next += 1;
      continue;
    }
    stack.pop();
    measured.set(frame.value, frame.values);
    const parent = stack.at(-1);
    if (parent !== undefined) parent.values += frame.values;
  }
  return true;
}

/** How many values this one expands to, where that is known; else it is put on the stack and adds its number later. */
function enter(value: unknown, measured: ReadonlyMap<object, number>, stack: Frame[]): number {
  if (!isObject(value) && !isArray(value)) return 1;
  const known = measured.get(value);
  if (known !== undefined) return known;
  stack.push({ value, children: childrenOf(value), next: 0, values: 1 });
  return 0;
}

function childrenOf(value: unknown): readonly unknown[] {
  if (isArray(value)) return value;
  return isObject(value) ? Object.values(value) : [];
}
