import type { Notice } from '../identity/notice.ts';
import { quote } from '../util/text.ts';
import { regionVariables, type EnvironmentVariable, type VariablesContext } from './parts.ts';
import type { Container } from './pod.ts';
import { literalOf, type AwsVariables } from './variables.ts';

/** What the owner should know about the variables that a container has, and those that it gets. */
export function environmentNotices(
  container: Container,
  present: AwsVariables,
  added: readonly EnvironmentVariable[],
  context: VariablesContext,
): readonly Notice[] {
  return [...regionNotices(container, present, context), ...envFromNotices(container, added)];
}

/** How the regions of a partition begin; all others are in `aws`. https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html */
const partitions: readonly (readonly [start: string, partition: string])[] = [
  ['cn-', 'aws-cn'],
  ['us-gov-', 'aws-us-gov'],
  ['us-iso-', 'aws-iso'],
  ['us-isob-', 'aws-iso-b'],
  ['us-isof-', 'aws-iso-f'],
  ['eu-isoe-', 'aws-iso-e'],
  ['eusc-', 'aws-eusc'],
];

/** AWS STS of one partition does not know the roles of another (E235). */
function regionNotices(
  { name }: Container,
  present: AwsVariables,
  { identity, settings }: VariablesContext,
): readonly Notice[] {
  if (identity.method !== 'web_identity') return [];
  const region = regionOf(present, settings.region);
  if (region === undefined || region === '') return [];
  const partition = partitions.find(([start]) => region.startsWith(start))?.[1] ?? 'aws';
  const role = identity.roleArn.value;
  if (role.startsWith(`arn:${partition}:`) || !role.startsWith('arn:')) return [];
  const detail =
    `container ${quote(name)} has the region ${quote(region)} of the partition ${partition}, which does not know the role of ` +
    `the partition ${role.split(':', 2)[1]}`;
  return [{ code: 'region_of_another_partition', detail }];
}

/** The region that an SDK takes: the container's own variables, or ours where it has none. Undefined where it is not known. */
function regionOf(present: AwsVariables, region: string): string | undefined {
  const own = regionVariables.find(name => present.has(name));
  return own === undefined ? region : literalOf(present.get(own));
}

/** A variable of `env` counts before one of the same name in `envFrom`, which cannot be seen (E93, E236). */
function envFromNotices({ name, hasEnvFrom }: Container, added: readonly EnvironmentVariable[]): readonly Notice[] {
  if (!hasEnvFrom || added.length === 0) return [];
  const names = added.map(variable => variable.name).join(', ');
  const detail = `container ${quote(name)} has envFrom: what it may have for ${names} does not count, since these are injected`;
  return [{ code: 'env_from_overridden', detail }];
}
