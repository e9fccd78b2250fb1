import type { Identity } from '../identity/identity.ts';
import type { ContainerPlan } from '../injection/container-plan.ts';
import type { Injection } from '../injection/inject.ts';
import { identityVariables } from '../injection/parts.ts';
import type { Container } from '../injection/pod.ts';
import { hasWebIdentity, readVariables, type ContainerVariables } from './container-variables.ts';

/** A container that should have the identity, and how far it has it. */
export interface ComparedContainer {
  readonly name: string;
  readonly variables: ContainerVariables;
  readonly state: ContainerState;
}

type ContainerState =
  /** It needs nothing for its identity. */
  | { readonly kind: 'complete' }
  /** A review would give it the identity, or a part of it: names of variables, and "the token's mount". */
  | { readonly kind: 'lacking'; readonly missing: readonly string[] }
  /** It is to get container credentials and runs as a role, which the SDKs prefer. */
  | { readonly kind: 'other_method' };

/** The containers that no annotation excludes and that can be read, by what the plan of a review would add to them. */
export function compareContainers(
  injection: Injection,
  identity: Identity,
  tokenFile: string,
): readonly ComparedContainer[] {
  return injection.containers.flatMap(plan =>
    plan.kind === 'leave' ? [] : [compare(plan, plan.container, identity, tokenFile)],
  );
}

function compare(plan: ContainerPlan, container: Container, identity: Identity, tokenFile: string): ComparedContainer {
  const variables = readVariables(container);
  const missing = plan.kind === 'inject' ? missingParts(plan, identity, variables, tokenFile) : [];
  return { name: container.name, variables, state: stateOf(missing, identity, variables) };
}

function stateOf(missing: readonly string[], identity: Identity, variables: ContainerVariables): ContainerState {
  if (missing.length === 0) return { kind: 'complete' };
  const runsAsRole = identity.method === 'container_credentials' && hasWebIdentity(variables);
  return runsAsRole ? { kind: 'other_method' } : { kind: 'lacking', missing };
}

/** A mount is missing only where it is our token that the variable names, or will name. */
function missingParts(
  { environment, mount }: Extract<ContainerPlan, { kind: 'inject' }>,
  identity: Identity,
  variables: ContainerVariables,
  tokenFile: string,
): readonly string[] {
  const names = identityVariables(identity);
  const missing = environment.map(({ name }) => name).filter(name => names.includes(name));
  const [, tokenVariable] = names;
  const needsMount = missing.includes(tokenVariable) || variables.value(tokenVariable) === tokenFile;
  return mount !== undefined && needsMount ? [...missing, "the token's mount"] : missing;
}
