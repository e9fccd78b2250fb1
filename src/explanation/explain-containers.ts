import type { ContainerPlan, ContainerSkipReason } from '../injection/container-plan.ts';
import { awsVariables } from '../injection/variables.ts';
import type { Injection } from '../injection/inject.ts';
import type { EnvironmentVariable } from '../injection/parts.ts';
import type { ExplainedContainer, ExplainedVariable } from './explanation.ts';
import { counted } from '../util/text.ts';

/** Per container what is added, kept or left out, and why, in the order of the plan. */
export function explainContainers({ containers, context }: Injection): readonly ExplainedContainer[] {
  const variables = context.usual.groups.map(group => group.variables.map(({ name }) => name));
  return containers.map(plan => explainContainer(plan, variables, context.settings.annotationPrefix));
}

/** Names of the variables that belong together. */
type Groups = readonly (readonly string[])[];

function explainContainer(plan: ContainerPlan, groups: Groups, prefix: string): ExplainedContainer {
  const { container } = plan;
  const place = { name: container?.name ?? '', list: container?.list ?? 'unknown' } as const;
  const present = container === undefined ? new Set<string>() : awsVariables(container);
  if (plan.kind !== 'inject') {
    const detail = containerReasonText(plan.reason, prefix);
    const environment = plan.kind === 'complete' ? groups.flatMap(group => explainGroup(group, present, [])) : [];
    return { ...place, result: 'kept', reason: plan.reason, detail, environment };
  }
  const environment = groups.flatMap(group => explainGroup(group, present, plan.environment));
  const { mount } = plan;
  return {
    ...place,
    result: 'injected',
    reason: 'identity_injected',
    detail: describeAdditions(plan.environment.length, mount !== undefined),
    environment,
    ...(mount === undefined ? {} : { mount: { volume: mount.name, path: mount.mountPath } }),
  };
}

function describeAdditions(variables: number, mount: boolean): string {
  const environment = variables === 0 ? [] : [counted(variables, 'variable')];
  return `gets ${[...environment, ...(mount ? ['the token'] : [])].join(' and ')}`;
}

function explainGroup(
  group: readonly string[],
  present: Pick<ReadonlySet<string>, 'has'>,
  added: readonly EnvironmentVariable[],
): readonly ExplainedVariable[] {
  const own = group.filter(name => present.has(name));
  return group.map(name => {
    const variable = added.find(candidate => candidate.name === name);
    if (variable !== undefined) return addition(variable);
    if (present.has(name)) return { name, action: 'keep', detail: 'the container sets it: its value stays' };
    return { name, action: 'leave_out', detail: leftOut(own) };
  });
}

function leftOut(own: readonly string[]): string {
  return own.length === 0 ? 'the container is left as it is' : `left out: the container sets ${own.join(' and ')}`;
}

function addition(variable: EnvironmentVariable): ExplainedVariable {
  const { name } = variable;
  if ('value' in variable) return { name, action: 'add', value: variable.value };
  return { name, action: 'add', fieldPath: variable.valueFrom.fieldRef.fieldPath };
}

/** Why a container is left as it is, for a person; `prefix` is that of the annotations. */
function containerReasonText(reason: ContainerSkipReason, prefix: string): string {
  return texts[reason].replace('PREFIX', () => prefix);
}

const texts: { readonly [reason in ContainerSkipReason]: string } = {
  skip_containers_annotation: 'the pod annotation PREFIX/skip-containers names it',
  not_in_include_containers_annotation: 'the pod annotation PREFIX/include-containers does not name it',
  already_injected: 'has all that it needs',
  already_configured: 'sets identity, region and STS endpoint itself',
  malformed_container: 'env or volumeMounts is not a list, which the API server refuses',
};
