import type { Identity } from '../identity/identity.ts';
import type { NoticeCode } from '../identity/notice.ts';
import { roleArnProblem } from '../identity/role-arn.ts';
import { judge } from '../admission/judge.ts';
import type { Injection } from '../injection/inject.ts';
import { regionVariables, stsVariable, tokenLocation } from '../injection/parts.ts';
import type { InjectionSettings, TokenLocation } from '../injection/settings.ts';
import { compareContainers, type ComparedContainer } from './compare-containers.ts';
import { containersText, podFinding, shown, type PodFinding } from './pod-finding.ts';
import { namesTokenFile, type RunningPod, type RunningToken } from './running-pod.ts';
import type { TemplateFacts } from './comparison-basis.ts';
import { findInTokens, findNearAudience, isInjectedVolume } from './token-findings.ts';

export interface IdentityBasis {
  readonly settings: InjectionSettings;
  readonly template: TemplateFacts;
}

/** What a review says of a pod whose account has an identity. */
export type IdentityComparison =
  /** The pod's own annotations leave no container to inject into. */
  { readonly kind: 'passed_over' } | { readonly kind: 'findings'; readonly findings: readonly PodFinding[] };

/** Compares a running pod with what the webhook would inject into it now. */
export function compareWithIdentity(
  running: RunningPod,
  identity: Identity,
  { settings, template }: IdentityBasis,
): IdentityComparison {
  const { pod } = running;
  const location = tokenLocation(identity, settings);
  const injected = injectedToken(running, location);
  const compared = withAudience(identity, injected);
  const answer = { kind: 'identity', identity: compared } as const;
  const { injection } = judge(running.request, running.subject, answer, { injection: settings, random: () => 0 });
  if (injection === undefined || injection.kind === 'leave') return { kind: 'passed_over' };
  const containers = compareContainers(running, injection);
  if (containers.length === 0) return { kind: 'passed_over' };
  const isMissing = containers.every(({ state }) => state.kind === 'lacking');
  const findings = [
    ...findIncomplete(running, containers, { identity, template }),
    ...findHalves(containers),
    ...findOtherRoles(containers, identity, { location, template }),
    ...(isMissing ? [] : findInTokens(containers, pod, { identity, settings, location, template })),
    ...findNearAudience(identity),
    ...(containers.every(({ state }) => state.kind === 'complete') ? findOtherSettings(injection, containers) : []),
    ...findInNotices(injection, identity),
    ...findEnvFrom(containers),
  ];
  return { kind: 'findings', findings };
}

/** The token in the volume that the webhook adds, as far as it is there. */
function injectedToken({ tokens }: RunningPod, { volumeName, tokenPath }: TokenLocation): RunningToken | undefined {
  return tokens.find(({ volume, path }) => volume === volumeName && path === tokenPath);
}

/** Another audience is a finding of its own, and makes nothing else of the identity incomplete. */
function withAudience(identity: Identity, token: RunningToken | undefined): Identity {
  if (token === undefined || token.audience === '') return identity;
  return { ...identity, audience: { ...identity.audience, value: token.audience } };
}

interface Expected {
  readonly identity: Identity;
  readonly template: TemplateFacts;
}

function findIncomplete(
  running: RunningPod,
  containers: readonly ComparedContainer[],
  { identity, template }: Expected,
): readonly PodFinding[] {
  const lacking = containers.filter(({ state }) => state.kind === 'lacking');
  if (lacking.length === 0) return [];
  const names = lacking.map(({ name }) => name);
  const lack = `${containersText(names)} lack${names.length === 1 ? 's' : ''} ${missingText(lacking)}`;
  const text = `expected ${identityText(identity)}: ${lack}`;
  if (lacking.length < containers.length) return [partialIdentity(text, names, template)];
  const hasToken = running.tokens.some(({ audience }) => audience === identity.audience.value);
  const unnamed = hasToken && !lacking.some(({ running: { variables } }) => namesTokenFile(variables));
  if (!unnamed) return [podFinding('IRSA001', text, { containers: names })];
  return [podFinding('IRSA008', `${text}, and the pod has the token's volume`, { containers: names })];
}

function missingText(lacking: readonly ComparedContainer[]): string {
  const missing = new Set(lacking.flatMap(({ state }) => (state.kind === 'lacking' ? state.missing : [])));
  return [...missing].join(', ');
}

/** A container that is not in the template was added by another webhook, and will be so again. */
function partialIdentity(text: string, containers: readonly string[], { hasContainer }: TemplateFacts): PodFinding {
  const inTemplate = containers.map(hasContainer);
  if (inTemplate.every(known => known === true)) {
    return podFinding('IRSA004', text, { containers, restart: true, remedy: 'Restart the workload.' });
  }
  return podFinding('IRSA004', text, { containers });
}

/** A container with one variable of the two, which the webhook does not complete. */
function findHalves(containers: readonly ComparedContainer[]): readonly PodFinding[] {
  return containers.flatMap(({ name, state }) => {
    if (state.kind !== 'half') return [];
    const detail = `${containersText([name])} sets ${state.present}, lacks ${state.absent}, and the webhook leaves it so`;
    const remedy = `Remove ${state.present} from the pod template: the webhook then gives both variables. Or add ${state.absent}.`;
    return [podFinding('IRSA004', detail, { containers: [name], restart: false, remedy })];
  });
}

interface RoleBasis {
  readonly location: TokenLocation;
  readonly template: TemplateFacts;
}

/** Containers that run as another role than their account has, by that role and where it comes from. */
function findOtherRoles(
  containers: readonly ComparedContainer[],
  identity: Identity,
  basis: RoleBasis,
): readonly PodFinding[] {
  const others = containers.flatMap(container => {
    const role = otherRole(container, identity);
    return role === undefined ? [] : [{ name: container.name, role, from: originOf(container, basis) }];
  });
  const groups = Map.groupBy(others, ({ role, from }) => `${from} ${role}`);
  return [...groups.values()].flatMap(([first, ...more]) =>
    first === undefined
      ? []
      : [
          roleFinding(
            first.role,
            first.from,
            [first, ...more].map(({ name }) => name),
            identity,
          ),
        ],
  );
}

/** The role of a container where it is not the account's; undefined where it is, or where the value cannot be seen. */
function otherRole({ state, running: { variables } }: ComparedContainer, identity: Identity): string | undefined {
  const role = variables.value('AWS_ROLE_ARN');
  if (role === undefined || state.kind === 'half') return undefined;
  if (state.kind === 'other_method') return role;
  const hasToken = variables.has('AWS_WEB_IDENTITY_TOKEN_FILE');
  return identity.method === 'web_identity' && hasToken && role !== identity.roleArn.value ? role : undefined;
}

/**
 * Where a role comes from: the webhook at an earlier time, the template, or the template together with a token of its own;
 * `unknown` where webhook and template would leave the same variables.
 */
type RoleOrigin = 'webhook' | 'template' | 'own_layout' | 'unknown';

function originOf({ name, state, running }: ComparedContainer, { location, template }: RoleBasis): RoleOrigin {
  const file = running.variables.value('AWS_WEB_IDENTITY_TOKEN_FILE');
  const found = file === undefined ? undefined : running.tokenAt(file);
  const isInjected = found?.kind === 'token' && isInjectedVolume(found.token.volume, location);
  if (state.kind !== 'other_method' && !isInjected) return 'own_layout';
  const inTemplate = template.sets(name, 'AWS_ROLE_ARN');
  if (inTemplate !== undefined) return inTemplate ? 'template' : 'webhook';
  return isWrittenAsInjected(running.variables.names) ? 'unknown' : 'template';
}

/** The webhook appends endpoint and region, then the role, and right behind it the token file (E76). */
function isWrittenAsInjected(names: readonly string[]): boolean {
  const [, next, ...rest] = names.slice(names.indexOf('AWS_ROLE_ARN'));
  const settings: ReadonlySet<string> = new Set([stsVariable, ...regionVariables]);
  return next === 'AWS_WEB_IDENTITY_TOKEN_FILE' && !rest.some(name => settings.has(name));
}

const templateUnknown =
  'Look for `AWS_ROLE_ARN` in the pod template, which is not in the input: remove it where it stands there, else restart the workload.';

/** A value that is no role may be anything, and is not repeated. */
function roleFinding(role: string, from: RoleOrigin, containers: readonly string[], identity: Identity): PodFinding {
  const podRole = roleArnProblem(role) === undefined ? role : null;
  const found = podRole === null ? 'an AWS_ROLE_ARN that is not the ARN of a role' : `role ${podRole}`;
  const detail = `expected ${identityText(identity)}, found ${found} in ${containersText(containers)}`;
  const common = { containers, podRole };
  if (from === 'webhook') return podFinding('IRSA002', detail, common);
  if (from === 'unknown') return podFinding('IRSA002', detail, { ...common, restart: false, remedy: templateUnknown });
  return podFinding('IRSA017', detail, { ...common, severity: from === 'own_layout' ? 'info' : 'warning' });
}

/** For example "role arn:… from the ServiceAccount's annotation". */
function identityText(identity: Identity): string {
  if (identity.method === 'container_credentials') return 'container credentials by an association';
  const { value, from } = identity.roleArn;
  return `role ${shown(value)} from ${from === 'mapping' ? 'the mapping' : "the ServiceAccount's annotation"}`;
}

/** What a review would add to a pod whose identity is complete. */
function findOtherSettings(injection: Injection, compared: readonly ComparedContainer[]): readonly PodFinding[] {
  if (injection.kind !== 'inject') return [];
  const changed = injection.containers.filter(plan => plan.kind === 'inject');
  const parts = new Set(changed.flatMap(plan => plan.environment.map(({ name }) => name)));
  const isPointless =
    parts.size === 0 && !injection.addLabel && compared.every(({ state }) => state.kind === 'complete');
  if (changed.some(plan => plan.mount !== undefined)) parts.add("the token's mount");
  if (injection.volume !== undefined) parts.add("the token's volume");
  if (injection.addLabel) parts.add('the label that marks pods with container credentials');
  const containers = changed.map(({ container }) => container.name);
  const detail = `a review would add ${[...parts].join(', ')}`;
  if (!isPointless) return [podFinding('IRSA014', detail, { containers })];
  return [
    podFinding('IRSA014', detail, {
      containers,
      restart: false,
      remedy: 'Nothing: the containers have tokens of their own.',
    }),
  ];
}

/** Notices about the pod itself; those about its identity are found at the account. */
const codeOfNotice: ReadonlyMap<NoticeCode, 'IRSA005' | 'IRSA006' | 'IRSA009'> = new Map([
  ['static_credentials_take_precedence', 'IRSA009'],
  ['web_identity_takes_precedence', 'IRSA006'],
  ['relative_uri_takes_precedence', 'IRSA006'],
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

function findEnvFrom(containers: readonly ComparedContainer[]): readonly PodFinding[] {
  const names = containers.filter(({ running }) => running.hasEnvFrom).map(({ name }) => name);
  if (names.length === 0) return [];
  const detail = `${containersText(names)}: envFrom may hold access keys, which would win over the identity`;
  return [podFinding('IRSA020', detail, { containers: names })];
}
