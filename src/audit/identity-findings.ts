import type { Identity } from '../identity/identity.ts';
import { roleArnProblem } from '../identity/role-arn.ts';
import { judge } from '../admission/judge.ts';
import { tokenFileInContainer, type Injection } from '../injection/inject.ts';
import { tokenLocation } from '../injection/parts.ts';
import type { InjectionSettings, TokenLocation } from '../injection/settings.ts';
import { compareContainers, type ComparedContainer } from './compare-containers.ts';
import { namesTokenFile } from './container-variables.ts';
import { containersText, podFinding, shown, type PodFinding } from './pod-finding.ts';
import type { RunningPod, RunningToken } from './running-pod.ts';
import type { NoticeCode } from '../identity/notice.ts';
import { podExpiration } from '../injection/token-volume.ts';
import type { Pod } from '../injection/pod.ts';

/** What a review says of a pod whose account has an identity. */
export type IdentityJudgement =
  /** The pod's own annotations leave no container to inject into. */
  { readonly kind: 'passed_over' } | { readonly kind: 'findings'; readonly findings: readonly PodFinding[] };

/** Compares a running pod with what planInjection would make of it now. */
export function judgeWithIdentity(
  running: RunningPod,
  identity: Identity,
  settings: InjectionSettings,
): IdentityJudgement {
  const { pod } = running;
  const location = tokenLocation(identity, settings);
  const token = ourToken(running, location);
  const compared = withAudience(identity, token);
  const answer = { kind: 'identity', identity: compared } as const;
  const { injection } = judge(running.request, running.subject, answer, { injection: settings, random: () => 0 });
  if (injection === undefined || injection.kind === 'leave') return { kind: 'passed_over' };
  const seenTokenFile = tokenFileInContainer(injection.context);
  const containers = compareContainers(injection, compared, seenTokenFile);
  const isMissing = containers.every(({ state }) => state.kind === 'lacking');
  const findings = [
    ...findIncomplete(running, containers, identity),
    ...findStaleRoles(containers, identity, seenTokenFile),
    ...(isMissing || token === undefined ? [] : findInToken(pod, token, identity, settings.annotationPrefix)),
    ...(containers.every(({ state }) => state.kind === 'complete') ? findOtherSettings(injection) : []),
    ...findInNotices(injection, identity),
  ];
  return { kind: 'findings', findings };
}

/** The token in the volume that the webhook adds, as far as it is there. */
function ourToken({ tokens }: RunningPod, { volumeName, tokenPath }: TokenLocation): RunningToken | undefined {
  return tokens.find(({ volume, path }) => volume === volumeName && path === tokenPath);
}

/** Another audience is a finding of its own, and makes nothing else of the identity incomplete. */
function withAudience(identity: Identity, token: RunningToken | undefined): Identity {
  if (token === undefined || token.audience === '') return identity;
  return { ...identity, audience: { ...identity.audience, value: token.audience } };
}

function findIncomplete(
  running: RunningPod,
  containers: readonly ComparedContainer[],
  identity: Identity,
): readonly PodFinding[] {
  const lacking = containers.filter(({ state }) => state.kind === 'lacking');
  if (lacking.length === 0) return [];
  const names = lacking.map(({ name }) => name);
  const lack = `${containersText(names)} lack${names.length === 1 ? 's' : ''} ${missingText(lacking)}`;
  const text = `expected ${identityText(identity)}: ${lack}`;
  if (lacking.length < containers.length) return [podFinding('IRSA004', text, { containers: names })];
  const hasToken = running.tokens.some(({ audience }) => audience === identity.audience.value);
  const unnamed = hasToken && !lacking.some(({ variables }) => namesTokenFile(variables));
  if (!unnamed) return [podFinding('IRSA001', text, { containers: names })];
  return [podFinding('IRSA008', `${text}, and the pod has the token's volume`, { containers: names })];
}

function missingText(lacking: readonly ComparedContainer[]): string {
  const missing = new Set(lacking.flatMap(({ state }) => (state.kind === 'lacking' ? state.missing : [])));
  return [...missing].join(', ');
}

/** Only variables that go with our token are compared: what points elsewhere was written by hand and is meant. */
function findStaleRoles(
  containers: readonly ComparedContainer[],
  identity: Identity,
  tokenFile: string,
): readonly PodFinding[] {
  const byRole = new Map<string, string[]>();
  for (const { name, variables, state } of containers) {
    const role = variables.value('AWS_ROLE_ARN');
    if (role === undefined || !isStale(role, state, identity)) continue;
    const isOurs = state.kind === 'other_method' || variables.value('AWS_WEB_IDENTITY_TOKEN_FILE') === tokenFile;
    if (isOurs) byRole.set(role, [...(byRole.get(role) ?? []), name]);
  }
  return Array.from(byRole, ([role, names]) => staleRole(role, names, identity));
}

function isStale(role: string, state: ComparedContainer['state'], identity: Identity): boolean {
  if (state.kind === 'other_method') return true;
  return identity.method === 'web_identity' && role !== identity.roleArn.value;
}

/** A value that is no role may be anything, and is not repeated. */
function staleRole(role: string, containers: readonly string[], identity: Identity): PodFinding {
  const podRole = roleArnProblem(role) === undefined ? role : null;
  const found = podRole === null ? 'an AWS_ROLE_ARN that is not the ARN of a role' : `role ${podRole}`;
  const detail = `expected ${identityText(identity)}, found ${found} in ${containersText(containers)}`;
  return podFinding('IRSA002', detail, { containers, podRole });
}

/** For example "role arn:… from the ServiceAccount's annotation". */
function identityText(identity: Identity): string {
  if (identity.method === 'container_credentials') return 'container credentials by an association';
  const { value, from } = identity.roleArn;
  return `role ${shown(value)} from ${from === 'mapping' ? 'the mapping' : "the ServiceAccount's annotation"}`;
}

/** What a review would add to a pod whose identity is complete. */
function findOtherSettings(injection: Injection): readonly PodFinding[] {
  if (injection.kind !== 'inject') return [];
  const changed = injection.containers.filter(plan => plan.kind === 'inject');
  const parts = new Set(changed.flatMap(plan => plan.environment.map(({ name }) => name)));
  if (changed.some(plan => plan.mount !== undefined)) parts.add("the token's mount");
  if (injection.volume !== undefined) parts.add("the token's volume");
  if (injection.addLabel) parts.add('the label that marks pods with container credentials');
  const containers = changed.map(({ container }) => container.name);
  return [podFinding('IRSA014', `a review would add ${[...parts].join(', ')}`, { containers })];
}

/** Notices about the pod itself; those about its identity are found once, at the account. */
const codeOfNotice: ReadonlyMap<NoticeCode, 'IRSA005' | 'IRSA009'> = new Map([
  ['static_credentials_take_precedence', 'IRSA009'],
  ['invalid_skip_containers', 'IRSA005'],
  ['unknown_container_name', 'IRSA005'],
  ['invalid_token_expiration', 'IRSA005'],
  ['token_expiration_raised', 'IRSA005'],
  ['token_expiration_lowered', 'IRSA005'],
]);

/** What the webhook would warn of beside what is found otherwise. */
function findInNotices({ notices }: Injection, identity: Identity): readonly PodFinding[] {
  const ofIdentity = new Set(identity.notices);
  return notices.flatMap(notice => {
    const code = ofIdentity.has(notice) ? undefined : codeOfNotice.get(notice.code);
    return code === undefined ? [] : [podFinding(code, notice.detail)];
  });
}

/** The token that a pod has against the one that a review would give it. */
function findInToken(pod: Pod, token: RunningToken, identity: Identity, prefix: string): readonly PodFinding[] {
  return [...findAudience(token, identity), ...findExpiration(pod, token, identity, prefix)];
}

function findAudience({ audience }: RunningToken, identity: Identity): readonly PodFinding[] {
  const { value } = identity.audience;
  if (audience === value) return [];
  const found = audience === '' ? "the API server's own" : shown(audience);
  return [podFinding('IRSA010', `expected a token for audience ${shown(value)}, found ${found}`)];
}

/** The largest number below 1 that a source of random numbers gives. */
const highest = 1 - Number.EPSILON / 2;

/** The default lifetime of container credentials is spread: any in that range is as expected. */
function findExpiration(pod: Pod, token: RunningToken, identity: Identity, prefix: string): readonly PodFinding[] {
  const least = podExpiration(pod, identity, prefix, () => 0);
  const most = podExpiration(pod, identity, prefix, () => highest).expiration.value;
  const annotation = least.notices.map(({ detail }) => podFinding('IRSA005', detail));
  const found = token.expirationSeconds;
  if (found === undefined || (found >= least.expiration.value && found <= most)) return annotation;
  const expected = most === least.expiration.value ? `${most} seconds` : `${least.expiration.value} to ${most} seconds`;
  return [...annotation, podFinding('IRSA011', `expected a token that lives ${expected}, found ${found} seconds`)];
}
