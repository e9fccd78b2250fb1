import type { IdentityDefaults } from '../identity/defaults.ts';
import type { IdentityAnswer } from '../identity/identity.ts';
import { meaningOfKey } from '../identity/misplaced-annotations.ts';
import { roleArnProblem } from '../identity/role-arn.ts';
import type { Pod } from '../injection/pod.ts';
import { ownField } from '../util/json.ts';
import { quote } from '../util/text.ts';
import { readTemplate, type ComparisonBasis } from './comparison-basis.ts';
import { containersText, podFinding, type PodFinding } from './pod-finding.ts';
import {
  hasContainerCredentials,
  hasWebIdentity,
  namesTokenFile,
  type ContainerVariables,
  type RunningContainer,
  type RunningPod,
} from './running-pod.ts';

/**
 * Returns what is wrong with the containers of a pod by themselves, whatever identity its account has. Of those that are
 * `lacking` something it has been found what.
 */
export function findInContainers(running: RunningPod, lacking: ReadonlySet<string>): readonly PodFinding[] {
  const containers = containersOf(running);
  return [
    ...findBothMethods(containers),
    ...containers.flatMap(findRepeated),
    ...containers.filter(({ name }) => !lacking.has(name)).flatMap(findMissingFile),
  ];
}

function containersOf({ containers }: RunningPod): readonly RunningContainer[] {
  return containers.filter(container => container !== undefined);
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

function findMissingFile(container: RunningContainer): readonly PodFinding[] {
  const { name, variables } = container;
  const file = hasWebIdentity(variables) ? variables.value('AWS_WEB_IDENTITY_TOKEN_FILE') : undefined;
  if (file === undefined || container.tokenAt(file).kind !== 'absent') return [];
  const detail = `${containersText([name])}: AWS_WEB_IDENTITY_TOKEN_FILE names a file, and no volume is mounted there`;
  return [podFinding('IRSA016', detail, { containers: [name] })];
}

function namesOf(
  containers: readonly RunningContainer[],
  matches: (variables: ContainerVariables) => boolean,
): readonly string[] {
  return containers.filter(({ variables }) => matches(variables)).map(({ name }) => name);
}

/**
 * Returns the containers that mount a token for AWS and have no variable that names it. Where the identity is incomplete, that
 * has been found; here the account has none, or the pod's owner wants it so.
 */
export function findUnnamedTokens(running: RunningPod, defaults: IdentityDefaults): readonly PodFinding[] {
  const volumes = awsTokenVolumes(running, defaults);
  const names = containersOf(running)
    .filter(container => container.volumes.some(volume => volumes.has(volume)) && !namesTokenFile(container.variables))
    .map(({ name }) => name);
  if (names.length === 0) return [];
  const detail = `${containersText(names)}: a token for AWS is mounted, and no variable names its file`;
  const remedy = 'Remove the volume from the pod template, or name its file there by `AWS_WEB_IDENTITY_TOKEN_FILE`.';
  return [podFinding('IRSA008', detail, { containers: names, severity: 'warning', restart: false, remedy })];
}

/** The volumes that hold a token for one of the two audiences of AWS. */
function awsTokenVolumes({ tokens }: RunningPod, defaults: IdentityDefaults): ReadonlySet<string> {
  const audiences = new Set([defaults.audience, defaults.containerCredentialsAudience]);
  return new Set(tokens.filter(({ audience }) => audiences.has(audience)).map(({ volume }) => volume));
}

type NoIdentity = Extract<IdentityAnswer, { kind: 'none' }>;

/** Returns what is wrong with a pod whose account has no identity. */
export function findWithoutIdentity(
  running: RunningPod,
  answer: NoIdentity,
  basis: ComparisonBasis,
): readonly PodFinding[] {
  const label = `${basis.injection.annotationPrefix}/require-pod-identity`;
  const required = running.requiresIdentity
    ? [podFinding('IRSA015', `the label ${label} asks for an identity: ${answer.detail}`)]
    : [];
  if (answer.reason === 'service_account_not_found') return required;
  return [...required, ...findUnexpected(running, answer, basis)];
}

/** Only what looks injected: a pod that brings volume and variables of its own is meant to have them. */
function findUnexpected(
  running: RunningPod,
  answer: NoIdentity,
  { injection, inputs, template }: ComparisonBasis,
): readonly PodFinding[] {
  const volumes = awsTokenVolumes(running, inputs.defaults);
  const { hasVolume } = readTemplate(template);
  const names = [injection.webIdentity.volumeName, injection.containerCredentials.volumeName].filter(
    name => volumes.has(name) && hasVolume(name) !== true,
  );
  const injected = containersOf(running).filter(
    ({ variables, volumes: mounted }) =>
      (hasWebIdentity(variables) || hasContainerCredentials(variables)) && names.some(name => mounted.includes(name)),
  );
  return groupByRole(injected).map(([podRole, holders]) => {
    const found = podRole === null ? 'an identity' : `role ${podRole}`;
    const detail = `expected no identity (${answer.detail}), found ${found} in ${containersText(holders)}`;
    return podFinding('IRSA003', detail, { containers: holders, podRole });
  });
}

/** Names of containers by the role they run as; null for what is no role or not known. */
function groupByRole(
  containers: readonly RunningContainer[],
): readonly (readonly [string | null, readonly string[]])[] {
  const roles = Map.groupBy(containers, ({ variables }) => {
    const value = variables.value('AWS_ROLE_ARN');
    return value === undefined || roleArnProblem(value) !== undefined ? null : value;
  });
  return Array.from(roles, ([role, holders]) => [role, holders.map(({ name }) => name)] as const);
}

/** Returns the annotations that were meant to give the role, and do not. Only for a pod without identity. */
export function findSlips(pod: Pod, { inputs, annotations }: ComparisonBasis): readonly PodFinding[] {
  const prefix = inputs.defaults.annotationPrefix;
  const wanted = `${prefix}/role-arn`;
  const similar = Object.keys(annotations ?? {}).find(name => name !== wanted && isMeantForRole(name, prefix));
  return [
    ...(pod.annotations !== undefined && ownField(pod.annotations, wanted) !== undefined
      ? [podFinding('IRSA018', `the pod has the annotation ${wanted}: it belongs on the ServiceAccount`)]
      : []),
    ...(similar === undefined
      ? []
      : [
          podFinding(
            'IRSA018',
            `the ServiceAccount has the annotation ${quote(similar)}: the webhook reads ${wanted}`,
            {
              concerns: 'account',
            },
          ),
        ]),
  ];
}

/** `role-arn` under another prefix or none, anything about a role under ours, and the one of kube2iam and kiam. */
function isMeantForRole(name: string, prefix: string): boolean {
  const [domain = '', key] = name.includes('/') ? name.split('/', 2) : ['', name];
  const meaning = meaningOfKey(key ?? '');
  return meaning === 'role_arn' || (meaning === 'some_role' && (domain === prefix || domain === 'iam.amazonaws.com'));
}
