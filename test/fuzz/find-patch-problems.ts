import { isDeepStrictEqual } from 'node:util';
import fastJsonPatch from 'fast-json-patch';
import { applyPatch as applySecond } from 'rfc6902';
import { isObject, ownList, ownObject, ownString, type JsonObject } from '../../src/util/json.ts';
import { takeBack, type Addition } from './take-back.ts';

/** A patch as it was sent, the pod that it is for, and how to ask about the patched pod. */
export interface PatchedReview {
  readonly pod: JsonObject;
  readonly operations: readonly unknown[];
  /** The patch of a second review, of the patched pod; undefined for none. */
  readonly reviewAgain: (pod: unknown) => unknown;
}

/** All the paths that there can be: nothing outside of `/spec` and `/metadata`, and of the metadata only labels. */
const allowedPath =
  /^\/(?:metadata(?:\/labels(?:\/eks\.amazonaws\.com~1pod-identity)?)?|spec\/volumes(?:\/0)?|spec\/(?:containers|initContainers|ephemeralContainers)\/(?:0|[1-9]\d*)\/(?:env|volumeMounts)(?:\/-)?)$/;

export function findPatchProblems({ pod, operations, reviewAgain }: PatchedReview): readonly string[] {
  if (operations.length === 0) return ['an empty patch'];
  if (!operations.every(isAddition)) return [`an operation that must not be: ${JSON.stringify(operations)}`];
  const first = fastJsonPatch.applyPatch(copyOf(pod), [...copyOf(operations)], true, true, true).newDocument;
  const second = copyOf(pod);
  const failures = applySecond(second, [...copyOf(operations)]).filter(failure => failure !== null);
  const problems: string[] = [];
  if (failures.length > 0) problems.push(`does not apply: ${failures.map(failure => failure.message).join('; ')}`);
  if (!isDeepStrictEqual(first, second)) problems.push('applies differently in two libraries');
  if (!isDeepStrictEqual(takeBack(copyOf(first), pod, operations), pod)) problems.push('is not additions only');
  if (reviewAgain(first) !== undefined) problems.push('a second review patches again');
  return [...problems, ...findPodProblems(pod, first)];
}

function isAddition(operation: unknown): operation is Addition {
  if (!isObject(operation)) return false;
  const { op, path } = operation;
  const isComplete = isDeepStrictEqual(Object.keys(operation), ['op', 'path', 'value']);
  return isComplete && op === 'add' && typeof path === 'string' && allowedPath.test(path);
}

function copyOf<T>(value: T): T {
  return JSON.parse(JSON.stringify(value));
}

/** What the API server would refuse, or what would change how a container of the user runs. */
function findPodProblems(before: JsonObject, after: unknown): readonly string[] {
  const [specBefore, specAfter] = [specOf(before), specOf(after)];
  const problems: string[] = [];
  const volumes = addedEntries(specBefore, specAfter, 'volumes', 'front');
  for (const name of volumes.map(nameOf)) {
    if (ownList(specBefore, 'volumes').some(volume => nameOf(volume) === name)) problems.push(`volume ${name} twice`);
  }
  for (const list of ['containers', 'initContainers', 'ephemeralContainers']) {
    const [containersBefore, containersAfter] = [ownList(specBefore, list), ownList(specAfter, list)];
    if (containersBefore.length !== containersAfter.length) problems.push(`other ${list}`);
    for (const [index, container] of containersBefore.entries()) {
      problems.push(...findContainerProblems(container, containersAfter[index]));
    }
  }
  return problems;
}

function findContainerProblems(before: unknown, after: unknown): readonly string[] {
  if (!isObject(before) || !isObject(after)) return isDeepStrictEqual(before, after) ? [] : ['a container changed'];
  const variables = addedEntries(before, after, 'env', 'back').map(nameOf);
  const own = new Set(ownList(before, 'env').map(nameOf));
  const paths = addedEntries(before, after, 'volumeMounts', 'back').map(mount => textOf(mount, 'mountPath'));
  const ownPaths = new Set(ownList(before, 'volumeMounts').map(mount => textOf(mount, 'mountPath')));
  const problems: string[] = [];
  if (new Set(variables).size !== variables.length) problems.push('a variable added twice');
  if (variables.some(name => own.has(name))) problems.push('a variable of the user overridden');
  if (paths.some(path => ownPaths.has(path)) || paths.length > 1) problems.push('a mount path taken twice');
  return problems;
}

/** The entries that a list has grown by, at one of its ends; all others have to be as before. */
function addedEntries(before: JsonObject, after: JsonObject, list: string, end: 'front' | 'back'): readonly unknown[] {
  const [old, grown] = [ownList(before, list), ownList(after, list)];
  const count = grown.length - old.length;
  const kept = end === 'front' ? grown.slice(count) : grown.slice(0, old.length);
  if (count < 0 || !isDeepStrictEqual(kept, old)) throw new Error(`${list} has not only grown`);
  return end === 'front' ? grown.slice(0, count) : grown.slice(old.length);
}

function specOf(pod: unknown): JsonObject {
  return (isObject(pod) ? ownObject(pod, 'spec') : undefined) ?? {};
}

function nameOf(entry: unknown): string | undefined {
  return textOf(entry, 'name');
}

function textOf(entry: unknown, field: string): string | undefined {
  return isObject(entry) ? ownString(entry, field) : undefined;
}
