import type { Identity } from '../identity/identity.ts';
import type { ContainerPlan } from '../injection/container-plan.ts';
import type { Injection } from '../injection/inject.ts';
import type { Container, Pod } from '../injection/pod.ts';
import { isObject, ownList } from '../util/json.ts';
import type { CredentialsNote, SourceStatement } from './explanation.ts';
import { quote } from '../util/text.ts';

/**
 * What the AWS SDKs make of the pod as it will be. The orders are those of the SDKs' default credential chains:
 * https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html
 */
export function explainCredentials(
  pod: Pod,
  identity: Identity,
  injection: Injection,
  sources: readonly SourceStatement[],
): readonly CredentialsNote[] {
  const notes = injection.containers.flatMap(plan => notesOf(plan, pod));
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
    code === 'static_credentials_take_precedence' || code === 'web_identity_takes_precedence'
      ? [{ code, container: '', detail }]
      : [],
  );
}

function notesOf(plan: ContainerPlan, pod: Pod): readonly CredentialsNote[] {
  const { container } = plan;
  if (container === undefined) return [];
  const name = container.name;
  const where = `container ${quote(name)}`;
  if (plan.kind === 'leave') {
    const detail = `${where} gets nothing: its SDKs find what it sets itself, else the role of the node where the pod can reach it`;
    return [{ code: 'no_credentials_injected', container: name, detail }];
  }
  if (!hasEnvFrom(container, pod)) return [];
  const detail = `${where} has envFrom, which the webhook cannot see: access keys in it would win over the identity; a role in it would not, since env counts before envFrom`;
  return [{ code: 'env_from_unseen', container: name, detail }];
}

function hasEnvFrom({ list, index }: Container, pod: Pod): boolean {
  const entry = ownList(pod.spec, list)[index];
  return isObject(entry) && ownList(entry, 'envFrom').length > 0;
}
