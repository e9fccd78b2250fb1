import { expect } from 'vitest';
import { waitFor } from '../../support/wait-for.ts';
import { kubectl } from './kubectl.ts';
import { releaseNamespace } from './release.ts';

/** It is written by the cluster about what happened, and goes by itself. */
const passing = new Set(['events', 'events.events.k8s.io']);

/** The names of all objects of the cluster itself, and of those in the namespace of the release. */
export async function listEverything(): Promise<readonly string[]> {
  const lists = await Promise.all([list(false), list(true, '--namespace', releaseNamespace)]);
  return lists.flat();
}

async function list(isNamespaced: boolean, ...where: readonly string[]): Promise<readonly string[]> {
  const query = ['api-resources', '--verbs=list', `--namespaced=${isNamespaced}`, '--output=name'];
  const kinds = lines(await kubectl(...query)).filter(kind => !passing.has(kind));
  return lines(await kubectl('get', kinds.join(','), ...where, '--output=name', '--ignore-not-found'));
}

function lines(text: string): readonly string[] {
  return text.split('\n').filter(line => line !== '');
}

/** Fails when there is something that was not there before; what hangs on removed objects is given time to go. */
export async function expectNothingNewSince(before: readonly string[]): Promise<void> {
  const known = new Set(before);
  let left: readonly string[] = [];
  const isGone = async (): Promise<boolean> => {
    left = (await listEverything()).filter(name => !known.has(name));
    return left.length === 0;
  };
  await waitFor(isGone, { what: 'dependent objects to go', timeoutMs: 60_000, intervalMs: 1_000 }).catch(
    () => undefined,
  );
  expect(left).toEqual([]);
}
