/** In a JSON document it stands outside of strings, in which each quote follows a backslash. */
const member = ',"namespace":"';
/** https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#dns-label-names */
const namespaceName = /^[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?$/;
const maxNameBytes = 63;

/** What stands before the namespace in a review of a pod: UID, kinds and resources in 400 bytes, and a name of at most 253. */
export const searchedBytes = 1_024;

/**
 * The namespace that a review names, from the beginning of its body; empty where it is not there. kube-apiserver writes
 * `request.namespace` before the object, without white space. It says who has to share with whom, and decides nothing else.
 */
export function findNamespace(beginning: Buffer): string {
  const text = beginning.toString('latin1', 0, searchedBytes);
  const at = text.indexOf(member);
  if (at === -1) return '';
  const from = at + member.length;
  const to = text.indexOf('"', from);
  if (to === -1 || to - from > maxNameBytes) return '';
  const name = text.slice(from, to);
  return namespaceName.test(name) ? name : '';
}
