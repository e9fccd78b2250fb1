import { isArray, isObject } from '../util/json.ts';

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

interface Size {
  /** Levels below, this one included. */
  readonly depth: number;
  /** The value itself and all below. */
  readonly values: number;
}

interface Frame {
  readonly value: object;
  readonly children: readonly unknown[];
  next: number;
  size: Size;
}

/**
 * True when a value, in which aliases are shared references, is small enough to be copied ("billion laughs") and not nested
 * deeper than `maxNesting`. Its time follows the text's size, not the expanded one.
 */
export function isExpandable(root: unknown): boolean {
  const measured = new Map<object, Size>();
  const stack: Frame[] = [];
  enter(root, measured, stack);
  for (let frame = stack.at(-1); frame !== undefined; frame = stack.at(-1)) {
    const { depth, values } = frame.size;
    if (stack.length > maxNesting || depth > maxNesting || values > maxExpandedValues) return false;
    if (frame.next < frame.children.length) {
      const size = enter(frame.children[frame.next], measured, stack);
      frame.next += 1;
      if (size !== undefined) frame.size = withPart(frame.size, size);
      continue;
    }
    stack.pop();
    measured.set(frame.value, frame.size);
    const parent = stack.at(-1);
    if (parent !== undefined) parent.size = withPart(parent.size, frame.size);
  }
  return true;
}

/** The size of this value where it is known; else the value is put on the stack and adds its size later. */
function enter(value: unknown, measured: ReadonlyMap<object, Size>, stack: Frame[]): Size | undefined {
  if (!isObject(value) && !isArray(value)) return { depth: 0, values: 1 };
  const known = measured.get(value);
  if (known !== undefined) return known;
  stack.push({ value, children: childrenOf(value), next: 0, size: { depth: 1, values: 1 } });
  return undefined;
}

function withPart(whole: Size, part: Size): Size {
  return { depth: Math.max(whole.depth, part.depth + 1), values: whole.values + part.values };
}

function childrenOf(value: unknown): readonly unknown[] {
  if (isArray(value)) return value;
  return isObject(value) ? Object.values(value) : [];
}
