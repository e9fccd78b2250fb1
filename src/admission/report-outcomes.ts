import type { Identity } from '../identity/identity.ts';
import type { ContainerOutcome } from '../injection/container-outcome.ts';
import type { ContainerPlan } from '../injection/container-plan.ts';
import { capLength, counted, quote } from '../util/text.ts';
import type { Decision, OutcomeGroup } from './answer.ts';

type Report = Pick<Decision, 'method' | 'role' | 'outcomes' | 'detail'>;

/** Returns what the containers of a pod end up with, as log, audit annotation and `irsa mutate` report it. */
export function reportOutcomes(identity: Identity, containers: readonly ContainerPlan[]): Report {
  const role = identity.method === 'web_identity' ? identity.roleArn.value : '';
  const detail = describeIdentity(identity);
  if (containers.every(({ outcome }) => outcome.kind === 'identity')) {
    return { method: containers.length === 0 ? 'none' : identity.method, role, outcomes: [], detail };
  }
  const groups = groupByOutcome(identity, containers);
  const roles = new Set(groups.map(group => group.role).filter(found => found !== ''));
  const [only = ''] = roles;
  return {
    method: methodOf(identity, containers),
    role: roles.size === 1 ? only : '',
    outcomes: groups,
    detail: capLength(groups.map(group => describeGroup(group, identity)).join('; ')),
  };
}

function describeIdentity(identity: Identity): string {
  if (identity.method === 'container_credentials') return 'container credentials by association';
  return `role ${identity.roleArn.value} from ${identity.roleArn.from}`;
}

/** More would help nobody, and a pod may have thousands of containers, each with a role of its own. */
const maxGroups = 10;
const maxNames = 10;

function groupByOutcome(identity: Identity, containers: readonly ContainerPlan[]): readonly OutcomeGroup[] {
  const groups = new Map<string, OutcomeGroup & { readonly containers: string[]; count: number }>();
  for (const { container, outcome } of containers) {
    const role = roleOf(outcome, identity);
    const key = `${outcome.kind} ${role}`;
    const group = groups.get(key) ?? { outcome: outcome.kind, role, containers: [], count: 0 };
    if (group.count === 0 && groups.size === maxGroups) continue;
    groups.set(key, group);
    group.count += 1;
    if (group.containers.length < maxNames) group.containers.push(container?.name ?? '');
  }
  return [...groups.values()];
}

function roleOf(outcome: ContainerOutcome, identity: Identity): string {
  if (outcome.kind === 'role') return outcome.role;
  return outcome.kind === 'identity' && identity.method === 'web_identity' ? identity.roleArn.value : '';
}

/** The method of those containers that have most of what they should have. */
function methodOf(identity: Identity, containers: readonly ContainerPlan[]): Decision['method'] {
  const kinds = new Set(containers.map(({ outcome }) => outcome.kind));
  if (kinds.has('identity')) return identity.method;
  if (kinds.has('role')) return 'web_identity';
  if (kinds.has('container_credentials')) return 'container_credentials';
  return kinds.has('unknown') ? 'unknown' : 'none';
}

function describeGroup(group: OutcomeGroup, identity: Identity): string {
  const names = group.containers.map(quote).join(', ');
  const more = group.count > group.containers.length ? ', …' : '';
  return `${describeOutcome(group, identity)} in ${counted(group.count, 'container')} ${names}${more}`;
}

function describeOutcome({ outcome, role }: OutcomeGroup, identity: Identity): string {
  switch (outcome) {
    case 'identity':
      return describeIdentity(identity);
    case 'role':
      return `role ${role} of its own`;
    case 'container_credentials':
      return 'container credentials of its own';
    case 'unknown':
      return 'an identity that is not known here';
    case 'none':
      return 'no identity';
  }
}
