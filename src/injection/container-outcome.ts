import { roleArnProblem } from '../identity/role-arn.ts';
import { identityVariables, sourceOf, type EnvironmentVariable, type VariablesContext } from './parts.ts';
import type { Container } from './pod.ts';
import { literalOf, type AwsVariables } from './variables.ts';

/** What a container ends up with, by the variables that it sets and those that are added. */
export type ContainerOutcome =
  /** The identity of its ServiceAccount. */
  | { readonly kind: 'identity' }
  /** Another role, with a token. */
  | { readonly kind: 'role'; readonly role: string }
  /** Container credentials from an address of its own, or by another method than its ServiceAccount has. */
  | { readonly kind: 'container_credentials' }
  /** A variable has a value that is not known here: a reference, `envFrom`, or a role that is no ARN and is not repeated. */
  | { readonly kind: 'unknown' }
  | { readonly kind: 'none' };

const identity: ContainerOutcome = { kind: 'identity' };
const containerCredentials: ContainerOutcome = { kind: 'container_credentials' };
export const unknownOutcome: ContainerOutcome = { kind: 'unknown' };
const none: ContainerOutcome = { kind: 'none' };

type OutcomeContext = Pick<VariablesContext, 'identity' | 'settings'> & {
  readonly usual: { readonly variables: readonly EnvironmentVariable[] };
};

/** Returns what this container ends up with once these variables are added. The SDKs use a web identity first. */
export function outcomeOf(
  container: Container,
  present: AwsVariables,
  added: readonly EnvironmentVariable[],
  context: OutcomeContext,
): ContainerOutcome {
  if (added === context.usual.variables) return identity;
  const read = valueReader(present, added);
  const web = webIdentityOutcome(read, container, context);
  if (web.kind !== 'none') return web;
  const credentials = credentialsOutcome(read, container, context);
  return credentials.kind === 'none' && container.hasEnvFrom ? unknownOutcome : credentials;
}

/** The value of a variable; undefined for one that is not known, and empty for one that is not set, as the SDKs take it. */
type ReadValue = (name: string) => string | undefined;

function valueReader(present: AwsVariables, added: readonly EnvironmentVariable[]): ReadValue {
  return name => {
    if (present.has(name)) return literalOf(present.get(name));
    const variable = added.find(candidate => candidate.name === name);
    return variable === undefined ? '' : 'value' in variable ? variable.value : undefined;
  };
}

function webIdentityOutcome(read: ReadValue, { hasEnvFrom }: Container, context: OutcomeContext): ContainerOutcome {
  const [roleVariable, fileVariable] = identityVariables({ method: 'web_identity' });
  const [role, file] = [read(roleVariable), read(fileVariable)];
  if (role === '' && file === '') return none;
  if (role === '' || file === '') return hasEnvFrom ? unknownOutcome : none;
  if (role === undefined || file === undefined) return unknownOutcome;
  if (context.identity.method === 'web_identity' && role === sourceOf(context)) return identity;
  return roleArnProblem(role) === undefined ? { kind: 'role', role } : unknownOutcome;
}

function credentialsOutcome(read: ReadValue, { hasEnvFrom }: Container, context: OutcomeContext): ContainerOutcome {
  const [uriVariable, fileVariable] = identityVariables({ method: 'container_credentials' });
  const relative = read('AWS_CONTAINER_CREDENTIALS_RELATIVE_URI');
  if (relative !== '') return relative === undefined ? unknownOutcome : containerCredentials;
  const [uri, file] = [read(uriVariable), read(fileVariable)];
  if (uri === '') return none;
  if (uri === undefined) return unknownOutcome;
  const isOurs = context.identity.method === 'container_credentials' && uri === sourceOf(context);
  if (!isOurs) return containerCredentials;
  if (file === undefined) return unknownOutcome;
  return file === '' ? (hasEnvFrom ? unknownOutcome : none) : identity;
}
