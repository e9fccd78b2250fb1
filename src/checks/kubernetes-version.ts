import { ownString, type JsonObject } from '../util/type-guards.ts';
import { failed, passed, warning, type Check, type CheckOutcome } from './check.ts';

/** https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#matching-requests-matchconditions */
const minors = { matchConditionsOn: 28, matchConditionsStable: 30 } as const;

export const kubernetesVersion: Check = {
  code: 'kubernetes-version',
  group: 'Kubernetes API',
  title: 'the API server answers, and its version is supported',
  run: async ({ cluster: { client, timeoutMs, signal } }) =>
    judgeVersion(await client.get('/version', { timeoutMs, signal })),
};

/** Providers append to the minor version, as in `29+`. */
export function judgeVersion(version: JsonObject): CheckOutcome {
  const name = ownString(version, 'gitVersion') ?? 'an unknown version';
  const [major, minor] = [ownString(version, 'major'), ownString(version, 'minor')].map(text =>
    Number.parseInt(text ?? '', 10),
  );
  if (major === undefined || minor === undefined || Number.isNaN(major + minor)) {
    return warning(`expected major and minor version, found ${name}`, 'Make sure that it is Kubernetes 1.30 or later.');
  }
  const isAtLeast = (wanted: number): boolean => major > 1 || (major === 1 && minor >= wanted);
  if (isAtLeast(minors.matchConditionsStable)) return passed(name);
  const upgrade = 'Upgrade the control plane to Kubernetes 1.30 or later.';
  if (!isAtLeast(minors.matchConditionsOn)) {
    return failed(`expected Kubernetes 1.28 or later, which knows matchConditions, found ${name}`, upgrade);
  }
  return warning(`${name}: matchConditions are stable only since Kubernetes 1.30`, upgrade);
}
