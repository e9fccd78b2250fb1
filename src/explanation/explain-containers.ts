import type { Identity } from '../identity/identity.ts';
import type { ContainerPlan, ContainerSkipReason } from '../injection/container-plan.ts';
import { awsVariables } from '../injection/variables.ts';
import type { Injection } from '../injection/inject.ts';
import type { EnvironmentVariable } from '../injection/parts.ts';
import { counted, quote } from '../util/text.ts';
import type { CredentialsNote, ExplainedContainer, ExplainedVariable, SourceStatement } from './explanation.ts';

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

/**
 * What the AWS SDKs make of the pod as it will be. The orders are those of the SDKs' default credential chains:
 * https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html
 */
export function explainCredentials(
  identity: Identity,
  injection: Injection,
  sources: readonly SourceStatement[],
): readonly CredentialsNote[] {
  const notes = injection.containers.flatMap(notesOf);
  return [chain(identity), ...bothMethods(identity, sources), ...fromNotices(injection), ...notes];
}

const chains = {
  web_identity:
    'keys in the environment come first, then the web identity token that is injected here; but JavaScript looks at profiles before it, and Python at a profile that names a role',
  container_credentials:
    'keys in the environment come first, then a web identity token, then profiles, then the container credentials that are injected here',
} as const;

function chain(identity: Identity): CredentialsNote {
  return { code: 'default_chain', container: '', detail: chains[identity.method] };
}

/** The role that the annotation names has no effect on a pod with container credentials. */
function bothMethods(identity: Identity, sources: readonly SourceStatement[]): readonly CredentialsNote[] {
  const overruled = sources.find(({ result }) => result === 'overruled');
  if (identity.method !== 'container_credentials' || overruled === undefined) return [];
  const detail = `the account has an association and a role by ${overruled.source}: only container credentials are injected`;
  return [{ code: 'both_methods', container: '', detail }];
}

/** The webhook says these itself, so they are its words. */
function fromNotices({ notices }: Injection): readonly CredentialsNote[] {
  return notices.flatMap(({ code, detail }) =>
    code === 'static_credentials_take_precedence' ||
    code === 'web_identity_takes_precedence' ||
    code === 'relative_uri_takes_precedence'
      ? [{ code, container: '', detail }]
      : [],
  );
}

function notesOf(plan: ContainerPlan): readonly CredentialsNote[] {
  const { container } = plan;
  if (container === undefined) return [];
  const name = container.name;
  const where = `container ${quote(name)}`;
  if (plan.kind === 'leave') {
    const detail = `${where} gets nothing: its SDKs find what it sets itself, else the role of the node where the pod can reach it`;
    return [{ code: 'no_credentials_injected', container: name, detail }];
  }
  if (!container.hasEnvFrom) return [];
  const detail = `${where} has envFrom, which the webhook cannot see: access keys in it would win over the identity; a role in it would not, since env counts before envFrom`;
  return [{ code: 'env_from_unseen', container: name, detail }];
}
