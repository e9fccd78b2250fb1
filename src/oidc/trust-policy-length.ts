import { hasWildcard, trustPolicy, type TrustGrant, type TrustedAccount, type TrustPolicy } from './trust-policy.ts';

/**
 * Quota of a role's trust policy in characters: the default, and the most that AWS raises it to on request.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
 */
export const trustPolicyQuota: { readonly default: number; readonly maximum: number } = {
  default: 2_048,
  maximum: 4_096,
};

/** The length of a policy as IAM counts it: white space is free. */
export function trustPolicyLength(policy: TrustPolicy): number {
  return JSON.stringify(policy).replaceAll(/\s/g, '').length;
}

/** How a policy that is too long can be made shorter, a line each; the most helpful first. */
export function shortenAdvice(grants: readonly TrustGrant[]): readonly string[] {
  const advice: string[] = [];
  const widest = widestNamespace(grants);
  if (widest !== undefined) {
    const { namespace, count } = widest;
    const length = trustPolicyLength(trustPolicy(grants.map(grant => widen(grant, namespace))));
    advice.push(
      `trust all of the ${count} ServiceAccounts in ${namespace} by the pattern ${namespace}/*: ${length} characters, ` +
        'but whoever may create ServiceAccounts there may assume the role',
    );
  }
  advice.push('give the ServiceAccounts different roles, which also lets each do only what it needs');
  if (grants.some(({ providers }) => providers.length > 1)) {
    advice.push('give each cluster a role of its own: every provider repeats all names');
  }
  return advice;
}

interface NamespaceCount {
  readonly namespace: string;
  readonly count: number;
}

/** The namespace with most exact names, where there are at least two. */
function widestNamespace(grants: readonly TrustGrant[]): NamespaceCount | undefined {
  const names = new Map<string, Set<string>>();
  for (const { namespace, name } of grants.flatMap(grant => grant.serviceAccounts)) {
    if (!hasWildcard(namespace)) names.set(namespace, (names.get(namespace) ?? new Set()).add(name));
  }
  const counts = [...names].map(([namespace, { size }]) => ({ namespace, count: size }));
  return counts.filter(({ count }) => count > 1).toSorted((a, b) => b.count - a.count)[0];
}

function widen(grant: TrustGrant, namespace: string): TrustGrant {
  const others = grant.serviceAccounts.filter(account => account.namespace !== namespace);
  if (others.length === grant.serviceAccounts.length) return grant;
  const all: TrustedAccount = { namespace, name: '*' };
  return { ...grant, serviceAccounts: [...others, all] };
}
