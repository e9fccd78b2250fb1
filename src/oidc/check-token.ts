import { acceptedAlgorithms } from './signing-key.ts';
import { checkPublic } from './issuer-url.ts';
import type { Remark } from './remark.ts';
import type { TokenFacts } from './service-account-token.ts';

/** What is wrong with a token for AWS. Stable: JSON results and documentation use these codes. */
export type TokenRemarkCode =
  | 'audience_differs'
  | 'issuer_missing'
  | 'issuer_not_https'
  | 'issuer_not_public'
  | 'subject_missing'
  | 'subject_not_a_service_account'
  | 'expiry_missing'
  | 'issued_at_missing'
  | 'expired'
  | 'not_yet_valid'
  | 'issued_in_future'
  | 'algorithm_not_accepted'
  | 'kid_missing';

export interface TokenExpectations {
  /** Any of them has to be among the token's. */
  readonly audiences: readonly string[];
  /** Of this machine, in milliseconds since the epoch. */
  readonly nowMs: number;
}

type TokenRemark = Remark<TokenRemarkCode>;

/** What AWS STS would refuse the token for. Empty when it would take it, if signature and trust policy are in order. */
export function checkToken(token: TokenFacts, expectations: TokenExpectations): readonly TokenRemark[] {
  return [
    ...checkHeader(token),
    ...checkIssuer(token),
    ...checkSubject(token),
    ...checkAudience(token, expectations.audiences),
    ...checkTimes(token, Math.floor(expectations.nowMs / 1000)),
  ];
}

function checkHeader({ algorithm, kid }: TokenFacts): readonly TokenRemark[] {
  const remarks: TokenRemark[] = [];
  if (algorithm === undefined || !acceptedAlgorithms.includes(algorithm)) {
    const text = `alg: expected one that STS takes (${acceptedAlgorithms.join(', ')})`;
    remarks.push({ code: 'algorithm_not_accepted', severity: 'error', text, found: algorithm ?? '' });
  }
  if (kid === undefined) {
    const hint = 'STS then looks for a key whose kid is empty ("irsa oidc jwks --legacy-empty-kid").';
    remarks.push({ code: 'kid_missing', severity: 'warning', text: 'kid: expected one, found none', hint });
  }
  return remarks;
}

function checkIssuer({ issuer }: TokenFacts): readonly TokenRemark[] {
  if (issuer === undefined) return [missing('issuer_missing', 'iss', 'a text')];
  if (issuer.startsWith('https://') && URL.canParse(issuer)) return [checkPublic(issuer, 'iss') ?? []].flat();
  const text = 'iss: expected an https URL, under which AWS finds the keys';
  const hint = 'Set --service-account-issuer of kube-apiserver.';
  return [{ code: 'issuer_not_https', severity: 'error', text, found: issuer, hint }];
}

function checkSubject({ subject }: TokenFacts): readonly TokenRemark[] {
  if (subject === undefined) return [missing('subject_missing', 'sub', 'a text')];
  if (/^system:serviceaccount:[^:]+:[^:]+$/.test(subject)) return [];
  const text = 'sub: expected system:serviceaccount:NAMESPACE:NAME';
  return [{ code: 'subject_not_a_service_account', severity: 'error', text, found: subject }];
}

function checkAudience({ audiences }: TokenFacts, expected: readonly string[]): readonly TokenRemark[] {
  if (audiences.some(audience => expected.includes(audience))) return [];
  const text = `aud: expected ${expected.join(' or ')}`;
  const hint =
    'The audience is that of the token volume; the webhook takes it from the annotation or --token-audience.';
  return [{ code: 'audience_differs', severity: 'error', text, found: audiences.join(', '), hint }];
}

/** AWS signatures may be 5 minutes off; more than that is no clock that drifts but one that is wrong. */
const clockToleranceSeconds = 300;

function checkTimes({ expiresAt, issuedAt, notBefore }: TokenFacts, now: number): readonly TokenRemark[] {
  const remarks: TokenRemark[] = [];
  if (expiresAt === undefined) remarks.push(missing('expiry_missing', 'exp', 'an integer'));
  else if (now >= expiresAt) {
    const text = `exp: expected a time to come, found ${isoTime(expiresAt)}, ${now - expiresAt} s ago`;
    remarks.push({ code: 'expired', severity: 'error', text });
  }
  if (issuedAt === undefined) remarks.push(missing('issued_at_missing', 'iat', 'an integer'));
  else if (now < issuedAt) remarks.push(early('issued_in_future', 'iat', issuedAt, now));
  if (notBefore !== undefined && now < notBefore) remarks.push(early('not_yet_valid', 'nbf', notBefore, now));
  return remarks;
}

/** A few seconds may be the clock of this machine, whatever AWS says. */
function early(code: 'issued_in_future' | 'not_yet_valid', claim: string, time: number, now: number): TokenRemark {
  const severity = time - now > clockToleranceSeconds ? 'error' : 'warning';
  const text = `${claim}: expected a time that has passed, found ${isoTime(time)}, in ${time - now} s`;
  const hint = "The clock of the API server is ahead of this machine's: AWS goes by its own.";
  return { code, severity, text, hint };
}

function missing(code: TokenRemarkCode, claim: string, expected: string): TokenRemark {
  return { code, severity: 'error', text: `${claim}: expected ${expected} among the claims, found none` };
}

/** Seconds since the epoch in UTC, to the second. */
export function isoTime(seconds: number): string {
  return `${new Date(seconds * 1000).toISOString().replace(/\.\d+Z$/, '')}Z`;
}
