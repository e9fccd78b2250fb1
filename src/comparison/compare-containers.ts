import type { Identity } from '../identity/identity.ts';
import type { ContainerPlan } from '../injection/container-plan.ts';
import { tokenFileInContainer, type Injection } from '../injection/inject.ts';
import { identityVariables } from '../injection/parts.ts';
import {
  hasContainerCredentials,
  hasWebIdentity,
  type ContainerVariables,
  type RunningContainer,
  type RunningPod,
  type RunningToken,
} from './running-pod.ts';

/** A container that should have the identity, and how far it has it. */
export interface ComparedContainer {
  readonly name: string;
  readonly running: RunningContainer;
  readonly state: ContainerState;
}

type ContainerState =
  /** It needs nothing for its identity. `token` is what it reads, where that can be seen. */
  | { readonly kind: 'complete'; readonly token: RunningToken | undefined }
  /** A review would give it the identity, or a part of it: names of variables, and "the token's mount". */
  | { readonly kind: 'lacking'; readonly missing: readonly string[] }
  /** It sets one variable of the two, and a review would leave it so. */
  | { readonly kind: 'half'; readonly present: string; readonly absent: string }
  /** It is to get container credentials and runs as a role, which the SDKs prefer. */
  | { readonly kind: 'other_method' };

/** Returns the containers that no annotation excludes and that can be read, by what a review would add to them. */
export function compareContainers(
  { containers }: RunningPod,
  { containers: plans, context }: Injection,
): readonly ComparedContainer[] {
  const { identity } = context;
  const tokenFile = tokenFileInContainer(context);
  return plans.flatMap((plan, index) => {
    const running = containers[index];
    if (running === undefined || plan.kind === 'leave' || optsOut(running, identity)) return [];
    return [{ name: running.name, running, state: stateOf(plan, running, identity, tokenFile) }];
  });
}

/** An empty variable of the identity says that the container wants none. */
function optsOut({ variables }: RunningContainer, identity: Identity): boolean {
  const [first, second] = identityVariables(identity);
  return variables.has(first) !== variables.has(second) && [first, second].some(name => variables.value(name) === '');
}

function stateOf(
  plan: ContainerPlan,
  running: RunningContainer,
  identity: Identity,
  tokenFile: string,
): ContainerState {
  const { variables } = running;
  const [first, second] = identityVariables(identity);
  const missing = plan.kind === 'inject' ? missingParts(plan, [first, second], variables, tokenFile) : [];
  if (missing.length > 0) {
    const runsAsRole = identity.method === 'container_credentials' && hasWebIdentity(variables);
    return runsAsRole ? { kind: 'other_method' } : { kind: 'lacking', missing };
  }
  if (identity.method === 'container_credentials' && hasContainerCredentials(variables))
    return completeWith(second, running);
  if (!variables.has(first)) return { kind: 'half', present: second, absent: first };
  if (!variables.has(second)) return { kind: 'half', present: first, absent: second };
  return completeWith(second, running);
}

function completeWith(tokenVariable: string, { variables, tokenAt }: RunningContainer): ContainerState {
  const file = variables.value(tokenVariable);
  const found = file === undefined ? undefined : tokenAt(file);
  return { kind: 'complete', token: found?.kind === 'token' ? found.token : undefined };
}

/** A mount is missing only where it is our token that the variable names, or will name. */
function missingParts(
  { environment, mount }: Extract<ContainerPlan, { kind: 'inject' }>,
  [first, second]: readonly [string, string],
  variables: ContainerVariables,
  tokenFile: string,
): readonly string[] {
  const missing = environment.map(({ name }) => name).filter(name => name === first || name === second);
  const needsMount = missing.includes(second) || variables.value(second) === tokenFile;
  return mount !== undefined && needsMount ? [...missing, "the token's mount"] : missing;
}
