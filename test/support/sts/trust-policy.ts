import { z } from 'zod';

type OneOrMore = string | readonly string[];
type Conditions<Value> = { readonly [key: string]: Value };

interface StatementOf<Value> {
  readonly Sid?: string | undefined;
  readonly Effect: 'Allow' | 'Deny';
  readonly Principal: { readonly Federated: Value };
  readonly Action: Value;
  readonly Condition?:
    | { readonly StringEquals?: Conditions<Value> | undefined; readonly StringLike?: Conditions<Value> | undefined }
    | undefined;
}

/** A role's trust policy, as one writes it. */
export interface TrustPolicyDocument {
  readonly Version: '2012-10-17';
  readonly Statement: readonly StatementOf<OneOrMore>[];
}

/** The same, parsed: each value is a list. */
export interface TrustPolicy {
  readonly Statement: readonly Statement[];
}

type Statement = StatementOf<readonly string[]>;

const oneOrMore = z.union([z.string().transform(value => [value]), z.array(z.string()).min(1).readonly()]);
const conditions = z.record(z.string(), oneOrMore);

/** Strict: a policy that uses what is not evaluated here is refused, rather than half understood. */
const trustPolicy: z.ZodType<TrustPolicy, TrustPolicyDocument> = z.strictObject({
  Version: z.literal('2012-10-17'),
  Statement: z
    .array(
      z.strictObject({
        Sid: z.string().optional(),
        Effect: z.enum(['Allow', 'Deny']),
        Principal: z.strictObject({ Federated: oneOrMore }),
        Action: oneOrMore,
        Condition: z
          .strictObject({ StringEquals: conditions.optional(), StringLike: conditions.optional() })
          .optional(),
      }),
    )
    .readonly(),
});

/** Who asks, as the trust policy sees it. */
export interface FederatedPrincipal {
  /** `arn:aws:iam::<account>:oidc-provider/<issuer without https://>`. */
  readonly providerArn: string;
  /** Condition key -> value, such as `<issuer without https://>:sub`. */
  readonly conditionKeys: { readonly [key: string]: readonly string[] };
}

/** Throws when the document is not a trust policy, or uses what is not evaluated here. */
export function parseTrustPolicy(document: unknown): TrustPolicy {
  return trustPolicy.parse(document);
}

/** A Deny that matches wins over any Allow; without an Allow it is no. */
export function allowsWebIdentity(policy: TrustPolicy, principal: FederatedPrincipal): boolean {
  const applicable = policy.Statement.filter(statement => applies(statement, principal));
  return applicable.length > 0 && applicable.every(({ Effect }) => Effect === 'Allow');
}

function applies(statement: Statement, { providerArn, conditionKeys }: FederatedPrincipal): boolean {
  return (
    statement.Principal.Federated.includes(providerArn) &&
    statement.Action.includes('sts:AssumeRoleWithWebIdentity') &&
    matchesAll(statement.Condition?.StringEquals, conditionKeys, (wanted, found) => wanted === found) &&
    matchesAll(statement.Condition?.StringLike, conditionKeys, (wanted, found) => wildcard(wanted).test(found))
  );
}

/** Every key must match, with any of its values; a key that the request does not have never matches. */
function matchesAll(
  wanted: { readonly [key: string]: readonly string[] } = {},
  found: FederatedPrincipal['conditionKeys'],
  matches: (wanted: string, found: string) => boolean,
): boolean {
  return Object.entries(wanted).every(([key, patterns]) =>
    patterns.some(pattern => (found[key] ?? []).some(value => matches(pattern, value))),
  );
}

function wildcard(pattern: string): RegExp {
  const literal = pattern.replaceAll(/[\\^$+.()|[\]{}]/g, String.raw`\$&`);
  return new RegExp(`^${literal.replaceAll('*', '.*').replaceAll('?', '.')}$`, 's');
}
