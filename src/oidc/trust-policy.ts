import { OidcError } from './remark.ts';
import { checkIssuer } from './issuer-url.ts';

/** Who may assume a role: pods of these ServiceAccounts in the clusters of these providers. */
export interface TrustGrant {
  readonly providers: readonly TrustProvider[];
  /** Any of them. */
  readonly audiences: readonly string[];
  readonly serviceAccounts: readonly TrustedAccount[];
}

/** A ServiceAccount, or in either part a pattern with `*` (any characters) or `?` (one). */
export interface TrustedAccount {
  readonly namespace: string;
  readonly name: string;
}

type OneOrMore = string | readonly string[];
type Conditions = { readonly [key: string]: OneOrMore };

interface TrustStatement {
  readonly Effect: 'Allow';
  readonly Principal: { readonly Federated: string };
  readonly Action: 'sts:AssumeRoleWithWebIdentity';
  readonly Condition: { readonly StringEquals: Conditions; readonly StringLike?: Conditions };
}

/** The trust policy of a role, as IAM takes it. */
export interface TrustPolicy {
  readonly Version: '2012-10-17';
  readonly Statement: readonly TrustStatement[];
}

/**
 * The trust policy of a role. Exact names are compared by StringEquals and patterns by StringLike, in statements of their own,
 * since all conditions of one statement must hold; the audience is always compared exactly.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
 */
export function trustPolicy(grants: readonly TrustGrant[]): TrustPolicy {
  return { Version: '2012-10-17', Statement: grants.flatMap(statementsOf) };
}

function statementsOf({ providers, audiences, serviceAccounts }: TrustGrant): readonly TrustStatement[] {
  const exact = serviceAccounts.filter(account => !isPattern(account)).map(subjectOf);
  const patterns = serviceAccounts.filter(isPattern).map(subjectOf);
  return providers.flatMap(({ arn, name }) => {
    const audience = { [`${name}:aud`]: oneOrMore(audiences) };
    const subject = (subjects: readonly string[]): Conditions => ({ [`${name}:sub`]: oneOrMore(subjects) });
    return [
      ...(exact.length === 0 ? [] : [allow(arn, { StringEquals: { ...audience, ...subject(exact) } })]),
      ...(patterns.length === 0 ? [] : [allow(arn, { StringEquals: audience, StringLike: subject(patterns) })]),
    ];
  });
}

function allow(arn: string, condition: TrustStatement['Condition']): TrustStatement {
  return {
    Effect: 'Allow',
    Principal: { Federated: arn },
    Action: 'sts:AssumeRoleWithWebIdentity',
    Condition: condition,
  };
}

/** True where a part of it stands for several. */
function isPattern({ namespace, name }: TrustedAccount): boolean {
  return hasWildcard(namespace) || hasWildcard(name);
}

/** True for a text that StringLike takes for a pattern. */
export function hasWildcard(text: string): boolean {
  return /[*?]/.test(text);
}

/**
 * True for an audience that a policy compares as it stands: `${...}` would be one of IAM's variables. IAM takes client IDs of at
 * most 255 characters. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
 */
export function isPlainAudience(audience: string): boolean {
  return /^[!-~]{1,255}$/.test(audience) && !audience.includes('${');
}

/** The `sub` of its tokens. */
function subjectOf({ namespace, name }: TrustedAccount): string {
  return `system:serviceaccount:${namespace}:${name}`;
}

/** A single value stands alone, as in AWS's own examples; each value once. */
function oneOrMore(values: readonly string[]): OneOrMore {
  const [first = '', ...more] = new Set(values);
  return more.length === 0 ? first : [first, ...more];
}

/** An OIDC provider in IAM, as a trust policy names it. */
export interface TrustProvider {
  readonly arn: string;
  /** The issuer without `https://`, before the colon of condition keys such as `oidc.example.com/cluster-a:sub`. */
  readonly name: string;
}

/** What is before the colon of a condition key has to be free of what JSON, Terraform and YAML would have to escape. */
const providerName = /^[A-Za-z0-9][\w.~:/%@+=,-]*$/;
const providerArn = /^arn:aws[a-z0-9-]*:iam::[0-9]{12}:oidc-provider\/(?<name>.+)$/;

/** The provider with this ARN. Throws OidcError `invalid_provider`. */
export function parseProviderArn(arn: string): TrustProvider {
  const name = providerArn.exec(arn)?.groups?.['name'];
  if (name !== undefined && providerName.test(name)) return { arn, name };
  const expected = 'arn:aws:iam::111122223333:oidc-provider/oidc.example.com/cluster-a';
  throw new OidcError('invalid_provider', { text: `--provider-arn: expected an ARN such as ${expected}`, found: arn });
}

/** The provider that IAM has for this issuer in this account. Throws OidcError `invalid_url`. */
export function providerOfIssuer(issuer: string, account: ProviderAccount): TrustProvider {
  const name = checkIssuer(issuer, '--issuer').replace(/^https:\/\//, '');
  if (providerName.test(name))
    return { arn: `arn:${account.partition}:iam::${account.id}:oidc-provider/${name}`, name };
  throw new OidcError('invalid_url', {
    text: '--issuer: expected https:// in lower case and a plain host and path',
    found: issuer,
  });
}

/** Where an OIDC provider is registered: that of the roles which trust it. */
export interface ProviderAccount {
  readonly partition: string;
  /** 12 digits. */
  readonly id: string;
}

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

export interface NamespaceCount {
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
