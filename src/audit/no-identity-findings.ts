import type { IdentityDefaults } from '../identity/defaults.ts';
import type { IdentityAnswer } from '../identity/identity.ts';
import { roleArnProblem } from '../identity/role-arn.ts';
import type { InjectionSettings } from '../injection/settings.ts';
import { awsTokenVolumes } from './container-findings.ts';
import { hasContainerCredentials, hasWebIdentity } from './container-variables.ts';
import { containersText, podFinding, type PodFinding } from './pod-finding.ts';
import type { RunningContainer, RunningPod } from './running-pod.ts';

type NoIdentity = Extract<IdentityAnswer, { kind: 'none' }>;

/** What is wrong with a pod whose account has no identity. */
export function findWithoutIdentity(
  running: RunningPod,
  answer: NoIdentity,
  settings: InjectionSettings,
  defaults: IdentityDefaults,
): readonly PodFinding[] {
  const required = running.requiresIdentity ? [requiredFinding(answer, settings)] : [];
  if (answer.reason === 'service_account_not_found') return required;
  return [...required, ...findUnexpected(running, answer, settings, defaults)];
}

function requiredFinding({ detail }: NoIdentity, { annotationPrefix }: InjectionSettings): PodFinding {
  return podFinding('IRSA015', `the label ${annotationPrefix}/require-pod-identity asks for an identity: ${detail}`);
}

/** Only what looks injected: a pod that brings volume and variables under names of its own is meant to have them. */
function findUnexpected(
  { containers, ...running }: RunningPod,
  answer: NoIdentity,
  settings: InjectionSettings,
  defaults: IdentityDefaults,
): readonly PodFinding[] {
  const volumes = awsTokenVolumes({ containers, ...running }, defaults);
  const names = [settings.webIdentity.volumeName, settings.containerCredentials.volumeName].filter(name =>
    volumes.has(name),
  );
  const injected = containers.filter(
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
  const byRole = new Map<string | null, string[]>();
  for (const { name, variables } of containers) {
    const value = variables.value('AWS_ROLE_ARN');
    const role = value === undefined || roleArnProblem(value) !== undefined ? null : value;
    byRole.set(role, [...(byRole.get(role) ?? []), name]);
  }
  return [...byRole];
}
