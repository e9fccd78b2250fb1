import { formatDuration } from '../../go/duration.ts';
import { isoTime } from '../../oidc/check-token.ts';
import type { Remark } from '../../oidc/remark.ts';
import type { ObjectName, TokenFacts } from '../../oidc/service-account-token.ts';
import type { Style } from '../../terminal/style.ts';
import { formatTable } from '../../terminal/table.ts';
import { findingDocument, findingLines } from '../oidc/remarks.ts';

/** A token and what was found about it. */
export interface InspectedToken {
  readonly token: TokenFacts;
  /** Milliseconds since the epoch. */
  readonly nowMs: number;
  /** Whether keys were looked for to verify its signature. */
  readonly isVerified: boolean;
  readonly findings: readonly Remark<string>[];
}

/** For a person: header and claims, then what is wrong. */
export function tokenText({ token, nowMs, isVerified, findings }: InspectedToken, style: Style): string {
  const { bound } = token;
  const rows = [
    ['alg', shown(token.algorithm)],
    ['kid', shown(token.kid)],
    ['iss', shown(token.issuer)],
    ['sub', shown(token.subject)],
    ['aud', token.audiences.length === 0 ? '<none>' : token.audiences.map(shown).join(', ')],
    ['iat', shownTime(token.issuedAt, nowMs)],
    ['nbf', shownTime(token.notBefore, nowMs)],
    ['exp', shownTime(token.expiresAt, nowMs)],
    ['namespace', shown(bound.namespace)],
    ['ServiceAccount', shownObject(bound.serviceAccount)],
    ['pod', shownObject(bound.pod)],
    ['node', shownObject(bound.node)],
    ...(bound.secret === undefined ? [] : [['Secret', shownObject(bound.secret)]]),
  ];
  const remarks = findingLines(findings, style);
  const signature = isVerified ? '' : 'signature not verified: --jwks, --issuer or --from-cluster would\n';
  const verdict = findings.some(({ severity }) => severity !== 'ok')
    ? ''
    : 'nothing found that AWS would refuse it for\n';
  return `${formatTable([], rows)}\n${remarks}${verdict}${signature}`;
}

/** As JSON. */
export function tokenDocument({ token, nowMs, isVerified, findings }: InspectedToken): string {
  const { algorithm, kid, issuer, subject, audiences, issuedAt, notBefore, expiresAt, bound } = token;
  const document = {
    apiVersion: 'irsa/v1',
    kind: 'TokenReport',
    header: { alg: algorithm, kid },
    claims: { iss: issuer, sub: subject, aud: audiences, iat: issuedAt, nbf: notBefore, exp: expiresAt },
    kubernetes: bound,
    remainingSeconds: expiresAt === undefined ? undefined : Math.floor(expiresAt - nowMs / 1000),
    signatureChecked: isVerified,
    findings: findings.map(findingDocument),
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

function shown(text: string | undefined): string {
  return text || '<none>';
}

function shownObject(object: ObjectName | undefined): string {
  if (object === undefined) return '<none>';
  return object.uid === undefined ? shown(object.name) : `${shown(object.name)} (${shown(object.uid)})`;
}

function shownTime(seconds: number | undefined, nowMs: number): string {
  if (seconds === undefined) return '<none>';
  const distance = Math.round(seconds - nowMs / 1000);
  const duration = formatDuration(Math.abs(distance) * 1000);
  return `${isoTime(seconds)} (${distance < 0 ? `${duration} ago` : `in ${duration}`})`;
}
