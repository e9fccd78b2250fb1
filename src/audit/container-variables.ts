import { entriesOf, type Container } from '../injection/pod.ts';
import { isObject, ownString, type JsonObject } from '../util/json.ts';

/** The variables of a running container that matter to AWS. Values of others are never looked at. */
export interface ContainerVariables {
  has(name: string): boolean;
  /** The literal value, of a repeated variable the last, which counts; undefined when it comes from elsewhere or is absent. */
  value(name: string): string | undefined;
  /** Names that are there more than once. */
  readonly repeated: readonly string[];
}

export function readVariables(container: Container): ContainerVariables {
  const last = new Map<string, JsonObject>();
  const repeated = new Set<string>();
  for (const entry of entriesOf(container.env)) {
    const name = isObject(entry) ? ownString(entry, 'name') : undefined;
    if (name === undefined || !name.startsWith('AWS_') || !isObject(entry)) continue;
    if (last.has(name)) repeated.add(name);
    last.set(name, entry);
  }
  return {
    has: name => last.has(name),
    value: name => ownString(last.get(name) ?? {}, 'value'),
    repeated: [...repeated],
  };
}

/** True when the SDKs are told of a web identity: a role to assume with a token. */
export function hasWebIdentity(variables: ContainerVariables): boolean {
  return variables.has('AWS_ROLE_ARN') && variables.has('AWS_WEB_IDENTITY_TOKEN_FILE');
}

/** True when the SDKs are told of an endpoint that gives credentials, as the agent of EKS Pod Identity does. */
export function hasContainerCredentials(variables: ContainerVariables): boolean {
  return variables.has('AWS_CONTAINER_CREDENTIALS_FULL_URI') || variables.has('AWS_CONTAINER_CREDENTIALS_RELATIVE_URI');
}

/** True when a variable says where a token is: by itself, or in a file of settings. */
export function namesTokenFile(variables: ContainerVariables): boolean {
  return ['AWS_WEB_IDENTITY_TOKEN_FILE', 'AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE', 'AWS_CONFIG_FILE'].some(name =>
    variables.has(name),
  );
}
