import type { EnvironmentVariable } from './parts.ts';
import type { Pod } from './pod.ts';

/** STS takes 2 to 64 characters of `[\w+=,.@-]`; every pod name and UID consists of such. */
const minSessionNameCharacters = 2;
const maxSessionNameCharacters = 64;

/**
 * `AWS_ROLE_SESSION_NAME` from the pod's name where that fits, else from its UID (E99). A name that the API server has yet
 * to make from `generateName` fits: it is cut to 63 characters. Only the reference depends on the name, never a value, so
 * that a name filled in before reinvocation changes nothing (E35).
 */
export function sessionNameVariable(pod: Pod): EnvironmentVariable {
  const fits = pod.name.length >= minSessionNameCharacters && pod.name.length <= maxSessionNameCharacters;
  const generated = pod.name === '' && pod.generateName !== '';
  const fieldPath = fits || generated ? 'metadata.name' : 'metadata.uid';
  return { name: 'AWS_ROLE_SESSION_NAME', valueFrom: { fieldRef: { fieldPath } } };
}
