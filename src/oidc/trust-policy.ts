import type { TrustProvider } from './trust-provider.ts';

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
