import { namespacedPath } from '../kubernetes/paths.ts';
import { ownObject, ownString, type JsonObject } from '../util/type-guards.ts';
import { count, failed, ofWorkload, passed, skipped, warning, type Check, type CheckOutcome } from './check.ts';
import { listObjects } from '../cluster/reader.ts';
import { matchesLabels } from '../kubernetes/objects.ts';

const notADeployment = 'its pods are not of a Deployment';

export const deploymentAvailable: Check = {
  code: 'deployment-available',
  group: 'Workload',
  title: 'all replicas are available',
  run: ofWorkload(({ kind, namespace, name, object }) =>
    kind === 'Deployment' ? judgeDeployment(object, `${namespace}/${name}`) : skipped(notADeployment),
  ),
};

function judgeDeployment(deployment: JsonObject, name: string): CheckOutcome {
  const wanted = replicasOf(deployment);
  const status = ownObject(deployment, 'status') ?? {};
  const available = numberOf(status, 'availableReplicas', 0);
  const hint = `kubectl -n ${name.split('/')[0]} describe deployment ${name.split('/')[1]}`;
  if (available === 0) return failed(`Deployment ${name}: none of ${count(wanted, 'replica')} is available`, hint);
  if (available < wanted) return warning(`Deployment ${name}: ${available} of ${wanted} replicas are available`, hint);
  if (numberOf(status, 'updatedReplicas', 0) >= wanted) return passed(`${available} of Deployment ${name}`);
  return warning(`Deployment ${name}: a rollout is not finished`, hint);
}

export const replicas: Check = {
  code: 'replicas',
  group: 'Workload',
  title: 'there are two replicas or more',
  run: ofWorkload(({ kind, object }) => (kind === 'Deployment' ? judgeReplicas(object) : skipped(notADeployment))),
};

function judgeReplicas(deployment: JsonObject): CheckOutcome {
  const wanted = replicasOf(deployment);
  if (wanted >= 2) return passed(count(wanted, 'replica'));
  return warning(
    `expected 2 replicas or more, found ${wanted}`,
    'Pods that start while its node is drained get no identity: set replicaCount of the chart.',
  );
}

export const disruptionBudget: Check = {
  code: 'disruption-budget',
  group: 'Workload',
  title: 'a PodDisruptionBudget keeps replicas from going together',
  run: ofWorkload(async ({ namespace, selector }, _, { cluster }) =>
    judgeBudgets(await listObjects(cluster, namespacedPath('poddisruptionbudgets', namespace, 'policy/v1')), selector),
  ),
};

/** The labels by which the Service selects are on every pod; a budget need not ask for others. */
function judgeBudgets(budgets: readonly JsonObject[], labels: JsonObject): CheckOutcome {
  const budget = budgets.find(object => {
    const selector = ownObject(ownObject(object, 'spec') ?? {}, 'selector') ?? {};
    return Object.keys(selector).length > 0 && matchesLabels(selector, labels);
  });
  if (budget === undefined) {
    return warning(
      'expected a PodDisruptionBudget for the pods of the webhook, found none',
      'A drain of several nodes may take all replicas: set podDisruptionBudget.enabled of the chart.',
    );
  }
  return passed(ownString(ownObject(budget, 'metadata') ?? {}, 'name') ?? '');
}

function replicasOf(deployment: JsonObject): number {
  return numberOf(ownObject(deployment, 'spec') ?? {}, 'replicas', 1);
}

function numberOf(object: JsonObject, field: string, otherwise: number): number {
  const value = object[field];
  return typeof value === 'number' ? value : otherwise;
}
