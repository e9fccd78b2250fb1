import type { Decision } from '../../admission/answer.ts';
import type { KnownAccounts } from '../common/offline-accounts.ts';
import type { ReviewedWorkload } from './review-workload.ts';
import { counted } from '../../util/text.ts';

/** What became of a workload: one line for a person, and one for each thing that its owner should know. */
export function summaryLines({ workload: { label }, decision }: ReviewedWorkload, accounts: KnownAccounts): string {
  const lines = [`${label}: ${outcomeText(decision)} (${decision.reason})`];
  const isKnown = accounts.has({ namespace: decision.namespace, name: decision.serviceAccount });
  if (!isKnown && decision.method !== 'none') lines.push(`  note: ${unseenAccount(decision)}`);
  lines.push(...decision.notices.map(({ detail, code }) => `  warning: ${detail} (${code})`));
  return lines.map(line => `${withoutControlCharacters(line)}\n`).join('');
}

function unseenAccount({ namespace, serviceAccount, method }: Decision): string {
  const lacks = method === 'web_identity' ? 'role annotation' : 'annotations';
  return `ServiceAccount ${namespace}/${serviceAccount} is not in the input and is taken to have no ${lacks}`;
}

function outcomeText({ outcome, detail, containersInjected, containersSkipped }: Decision): string {
  if (outcome === 'denied') return `would be refused: ${detail}`;
  if (outcome !== 'mutated') return `left as it is: ${detail}`;
  const containers = counted(containersInjected, 'container');
  const skipped = containersSkipped.length === 0 ? '' : `, others left as they are: ${containersSkipped.join(', ')}`;
  return `injected ${detail} into ${containers}${skipped}`;
}

/** Names and roles are somebody else's text, and this goes to a terminal. */
function withoutControlCharacters(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, '?');
}
