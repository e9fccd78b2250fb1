import type { IdentityAnswer } from '../identity/identity.ts';
import type { IdentityInputs } from '../identity/resolve.ts';
import { namesRole, type ParsedRole } from '../identity/role-arn.ts';
import type { SourceName } from '../comparison/causes.ts';
import type { SourceStatement } from './explanation.ts';
import { quote } from '../util/text.ts';

/** Why a source cannot be seen from where the question is asked. */
export type UnseenSources = { readonly [source in SourceName]?: string | undefined };

/** Those that cannot be seen, strongest first. */
export function unseenNames(unseen: UnseenSources): readonly SourceName[] {
  const names = ['association', 'annotation', 'mapping'] as const;
  return names.filter(name => unseen[name] !== undefined);
}

/**
 * What each source of roles said and which one won, strongest first. Who won is read from the answer, never decided here.
 */
export function explainSources(
  inputs: IdentityInputs,
  answer: IdentityAnswer,
  unseen: UnseenSources,
): readonly SourceStatement[] {
  const winner = winnerOf(answer);
  const statements = [association(inputs), annotation(inputs, answer), mapping(inputs, answer)];
  return statements.map(({ source, hasRole, refuses, detail }) => {
    const hidden = unseen[source];
    if (hidden !== undefined) return { source, result: 'unknown', detail: hidden };
    if (source === winner) return { source, result: 'wins', detail };
    if (refuses) return { source, result: 'refuses', detail };
    return { source, result: hasRole ? 'overruled' : 'silent', detail };
  });
}

/** The source of the identity; undefined when there is none. */
export function winnerOf(answer: IdentityAnswer): SourceName | undefined {
  if (answer.kind !== 'identity') return undefined;
  if (answer.identity.method === 'container_credentials') return 'association';
  return answer.identity.roleArn.from === 'mapping' ? 'mapping' : 'annotation';
}

interface Said {
  readonly source: SourceName;
  readonly hasRole: boolean;
  readonly refuses: boolean;
  readonly detail: string;
}

function association({ associated }: IdentityInputs): Said {
  const detail = associated
    ? 'an association lists this account: EKS Pod Identity'
    : 'no association lists this account';
  return { source: 'association', hasRole: associated, refuses: false, detail };
}

function annotation(inputs: IdentityInputs, answer: IdentityAnswer): Said {
  const { serviceAccount, serviceAccountExists, defaults } = inputs;
  const name = `${defaults.annotationPrefix}/role-arn`;
  const source = 'annotation';
  if (!serviceAccountExists) {
    const detail =
      answer.kind === 'unavailable' ? 'the ServiceAccount is not in the input' : 'there is no such ServiceAccount';
    return { source, hasRole: false, refuses: false, detail };
  }
  if (serviceAccount === undefined || !namesRole(serviceAccount)) {
    return { source, hasRole: false, refuses: false, detail: `the ServiceAccount has no role in ${name}` };
  }
  return { source, hasRole: true, refuses: isRefused(answer), detail: `${name} is ${shownRole(serviceAccount)}` };
}

function mapping({ account, mapping, serviceAccount }: IdentityInputs, answer: IdentityAnswer): Said {
  const entry = mapping.find(account.namespace, account.name);
  const source = 'mapping';
  if (entry === undefined) {
    const detail = mapping.size === 0 ? 'there is no mapping' : `none of ${mapping.size} entries matches this account`;
    return { source, hasRole: false, refuses: false, detail };
  }
  const where = `entry ${quote(entry.key)}`;
  if (!namesRole(entry)) {
    const isAnswer = answer.kind === 'none' && answer.reason === 'mapped_to_no_role';
    return { source, hasRole: false, refuses: isAnswer, detail: `${where} gives no role: explicitly none` };
  }
  // With a role in the annotation the mapping was not asked, so that a refusal is not about it.
  const refuses = isRefused(answer) && (serviceAccount === undefined || !namesRole(serviceAccount));
  return { source, hasRole: true, refuses, detail: `${where} gives ${shownRole(entry)}` };
}

function isRefused(answer: IdentityAnswer): boolean {
  return answer.kind === 'none' && answer.reason === 'invalid_role_arn';
}

/** A role that looks like one is shown as it is; anything else may hold what a terminal should not see. */
function shownRole({ roleArn }: ParsedRole): string {
  if (roleArn === '') return 'a role that is longer than IAM allows';
  return /^[\w+=,.@:/-]{1,700}$/.test(roleArn) ? roleArn : quote(roleArn);
}
