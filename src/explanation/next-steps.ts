import type { Decision } from '../admission/answer.ts';
import { skipLabels } from '../admission/subject.ts';
import type { ExplainedAccount, ExplainedHook, NextStep, RunningComparison } from './explanation.ts';
import { shellWord } from './shell-word.ts';

/** The workload that makes the pods, or the pod itself where nothing owns it. */
export interface Owner {
  readonly kind: string;
  readonly name: string;
}

export interface NextStepsInput {
  readonly decision: Decision;
  readonly account: ExplainedAccount;
  readonly prefix: string;
  readonly hook: ExplainedHook | undefined;
  readonly running: RunningComparison | undefined;
  readonly owner: Owner | undefined;
}

/** What to do so that the pod gets an identity, in order; empty where it has one. */
export function nextSteps(input: NextStepsInput): readonly NextStep[] {
  const steps = [...hookSteps(input), ...decisionSteps(input)];
  const isBehind = steps.length > 0 || needsNewPod(input.running);
  return isBehind && input.running !== undefined ? [...steps, recreate(input)] : steps;
}

function hookSteps({ hook }: NextStepsInput): readonly NextStep[] {
  if (hook?.code === 'not_installed') {
    return [{ detail: 'install the webhook, and see that it works', command: 'irsa check --wait 60s' }];
  }
  if (hook?.code !== 'not_selected' || hook.configuration === undefined) return [];
  const command = `kubectl get mutatingwebhookconfiguration ${shellWord(hook.configuration)} -o yaml`;
  return [{ detail: 'make the selectors of the webhook and the labels of pod and namespace agree', command }];
}

const placeholder = 'arn:aws:iam::ACCOUNT_ID:role/ROLE_NAME';

function decisionSteps({ decision, account, prefix }: NextStepsInput): readonly NextStep[] {
  const name = shellWord(account.name);
  const namespace = shellWord(account.namespace);
  const annotate = `kubectl annotate serviceaccount ${name} -n ${namespace}`;
  const role = shellWord(`${prefix}/role-arn=${placeholder}`);
  switch (decision.cause) {
    case 'no_role':
      return [{ detail: 'name the role on the ServiceAccount', command: `${annotate} ${role}` }];
    case 'invalid_role_arn':
      return [{ detail: 'name the role by its ARN', command: `${annotate} --overwrite ${role}` }];
    case 'service_account_not_found':
      return [
        { detail: 'create the ServiceAccount', command: `kubectl create serviceaccount ${name} -n ${namespace}` },
        { detail: 'name the role on it', command: `${annotate} ${role}` },
      ];
    case 'mapped_to_no_role':
      return [{ detail: 'the mapping says explicitly none: change its entry, or name the role on the ServiceAccount' }];
    case 'skip_label':
      return [{ detail: `remove the label ${skipLabels(prefix).join(' or ')} from the pod template` }];
    case 'exempt_namespace':
      return [{ detail: "take the namespace out of the webhook's --exempt-namespaces, or run the pod in another one" }];
    case 'mirror_pod':
      return [{ detail: 'a static pod cannot have an identity: run it by a Deployment or DaemonSet' }];
    case 'all_containers_skipped':
      return [
        { detail: `name fewer containers in ${prefix}/skip-containers, or more in ${prefix}/include-containers` },
      ];
    case 'lookup_failed':
      return [{ detail: 'give the ServiceAccount with --service-accounts FILE, or ask the cluster with --cluster' }];
    case 'malformed_pod':
    case 'no_containers':
      return [{ detail: 'mend the pod: the API server refuses it as it is' }];
    default:
      return [];
  }
}

function needsNewPod(running: RunningComparison | undefined): boolean {
  return running?.code === 'missing' || running?.code === 'partial' || running?.code === 'stale_role';
}

/** Kinds that `kubectl rollout restart` knows. */
const restartable: ReadonlySet<string> = new Set(['Deployment', 'StatefulSet', 'DaemonSet']);

/** A pod is changed only when it is created. */
function recreate({ owner, account }: NextStepsInput): NextStep {
  const namespace = shellWord(account.namespace);
  if (owner !== undefined && restartable.has(owner.kind)) {
    const command = `kubectl rollout restart ${owner.kind.toLowerCase()}/${shellWord(owner.name)} -n ${namespace}`;
    return { detail: 'make new pods: one that runs is never changed', command };
  }
  const what =
    owner === undefined || owner.kind === 'Pod' ? 'the pod' : `the pod of ${owner.kind} ${shellWord(owner.name)}`;
  return { detail: `delete ${what} and create it again: one that runs is never changed` };
}
