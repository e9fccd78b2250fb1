import type { Notice } from '../identity/notice.ts';
import { entriesOf, readList, type ContainerList, type Pod } from './pod.ts';

/**
 * More cannot be stored: etcd takes objects of 1.5 MiB, and the smallest container with its defaults, its field managers
 * and what is injected has about 440 bytes (3,500). Without a limit, a body of 1 MB of `{}` had an answer of 163 MB.
 */
const maxContainers = 4_000;

/** Ten become warnings and one a minute is logged; the rest of a pod that gives cause for more would only cost memory. */
const maxNotices = 100;

/** Whether the lists together hold more containers than any pod that can be stored. */
export function hasTooManyContainers(pod: Pod, lists: readonly ContainerList[]): boolean {
  return countContainers(pod, lists) > maxContainers;
}

/** How many entries the lists have together. */
export function countContainers(pod: Pod, lists: readonly ContainerList[] = allLists): number {
  return lists.reduce((sum, list) => sum + entriesOf(readList(pod.spec, list)).length, 0);
}

const allLists: readonly ContainerList[] = ['containers', 'initContainers', 'ephemeralContainers'];

export function limitNotices(notices: readonly Notice[]): readonly Notice[] {
  return notices.length > maxNotices ? notices.slice(0, maxNotices) : notices;
}
