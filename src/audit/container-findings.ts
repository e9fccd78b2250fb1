import type { IdentityDefaults } from '../identity/defaults.ts';
import type { ContainerVariables } from './container-variables.ts';
import { hasContainerCredentials, hasWebIdentity, namesTokenFile } from './container-variables.ts';
import { containersText, podFinding, type PodFinding } from './pod-finding.ts';
import type { RunningContainer, RunningPod } from './running-pod.ts';

/** What is wrong with the containers of a pod by themselves, whatever identity its account has. */
export function findInContainers({ containers }: RunningPod): readonly PodFinding[] {
  return [...findBothMethods(containers), ...containers.flatMap(findRepeated)];
}

function findBothMethods(containers: readonly RunningContainer[]): readonly PodFinding[] {
  const names = namesOf(containers, variables => hasWebIdentity(variables) && hasContainerCredentials(variables));
  if (names.length === 0) return [];
  const detail = `${containersText(names)}: AWS_ROLE_ARN and AWS_CONTAINER_CREDENTIALS_*_URI are both set, and the SDKs take the role`;
  return [podFinding('IRSA006', detail, { containers: names })];
}

function findRepeated({ name, variables }: RunningContainer): readonly PodFinding[] {
  const { repeated } = variables;
  if (repeated.length === 0) return [];
  const detail = `${containersText([name])}: ${repeated.join(', ')} set more than once, and the last counts`;
  return [podFinding('IRSA012', detail, { containers: [name] })];
}

function namesOf(
  containers: readonly RunningContainer[],
  matches: (variables: ContainerVariables) => boolean,
): readonly string[] {
  return containers.filter(({ variables }) => matches(variables)).map(({ name }) => name);
}

/** The containers that mount a token for AWS, and have no variable that says so. */
export function findUnnamedTokens(running: RunningPod, defaults: IdentityDefaults): readonly string[] {
  const volumes = awsTokenVolumes(running, defaults);
  return running.containers
    .filter(container => container.volumes.some(volume => volumes.has(volume)) && !namesTokenFile(container.variables))
    .map(({ name }) => name);
}

/** The volumes that hold a token for one of the two audiences of AWS. */
export function awsTokenVolumes({ tokens }: RunningPod, defaults: IdentityDefaults): ReadonlySet<string> {
  const audiences = new Set([defaults.audience, defaults.containerCredentialsAudience]);
  return new Set(tokens.filter(({ audience }) => audiences.has(audience)).map(({ volume }) => volume));
}
