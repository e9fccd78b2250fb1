import type { Identity } from '../identity/identity.ts';
import type { NoticeCode } from '../identity/notice.ts';
import type { Injection } from '../injection/inject.ts';
import { podFinding, type PodFinding } from './pod-finding.ts';

/** What a review would add to a pod whose identity is complete. */
export function findOtherSettings(injection: Injection): readonly PodFinding[] {
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
export function findInNotices({ notices }: Injection, identity: Identity): readonly PodFinding[] {
  const ofIdentity = new Set(identity.notices);
  return notices.flatMap(notice => {
    const code = ofIdentity.has(notice) ? undefined : codeOfNotice.get(notice.code);
    return code === undefined ? [] : [podFinding(code, notice.detail)];
  });
}
