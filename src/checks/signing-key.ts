import { hasCode } from '../kubernetes/kubernetes-error.ts';
import { checkToken } from '../oidc/check-token.ts';
import { keySetPath } from '../oidc/issuer-url.ts';
import { decodeToken } from '../oidc/service-account-token.ts';
import { verifySignature } from '../oidc/verify-signature.ts';
import type { JsonObject } from '../util/type-guards.ts';
import { failed, passed, skipped, type Check, type CheckOutcome } from './check.ts';
import type { CheckContext } from './check-context.ts';
import { settingsOf } from '../cluster/installed-webhook.ts';
import { ifAllowed } from '../cluster/needed-right.ts';
import { remarkText } from '../oidc/remark-text.ts';
import { requestShortToken } from './token-request.ts';

export const signingKey: Check = {
  code: 'signing-key',
  group: 'Token issuer',
  title: 'tokens are signed with a published key, for the audience of AWS',
  run: async context => {
    const read = await ifAllowed(context.webhook);
    const webhook = 'value' in read ? read.value : undefined;
    const { audience } = (webhook?.settings ?? settingsOf(new Map())).identity;
    const namespace = webhook?.workload?.namespace ?? webhook?.hook.service?.namespace ?? 'default';
    const token = await requestFor(context, { namespace, name: 'default' }, audience);
    if (token === undefined) return skipped(`ServiceAccount ${namespace}/default does not exist`);
    const { issuer = '' } = await context.discovery();
    return judgeToken(token, { keys: await context.keys(), issuer, audience, nowMs: context.nowMs() });
  },
};

async function requestFor(
  { cluster }: CheckContext,
  account: { readonly namespace: string; readonly name: string },
  audience: string,
): Promise<string | undefined> {
  try {
    return await requestShortToken(cluster, account, audience);
  } catch (error) {
    if (hasCode(error, 'not_found')) return undefined;
    throw error;
  }
}

export interface Expected {
  readonly keys: readonly JsonObject[];
  readonly issuer: string;
  readonly audience: string;
  readonly nowMs: number;
}

/** As AWS STS verifies it. Nothing of the token is told but the name of its key. */
export async function judgeToken(token: string, { keys, issuer, audience, nowMs }: Expected): Promise<CheckOutcome> {
  const facts = decodeToken(token, 'a new token');
  if (facts.issuer !== issuer) {
    return failed(
      `a new token: expected the issuer ${issuer}, found ${facts.issuer ?? 'none'}`,
      'Set the same --service-account-issuer first for every kube-apiserver.',
    );
  }
  const findings = [
    ...checkToken(facts, { audiences: [audience], nowMs }),
    await verifySignature(token, keys, keySetPath),
  ];
  const wrong = findings.find(({ severity }) => severity === 'error');
  if (wrong === undefined) return passed(`key ${facts.kid ?? 'without name'}, audience ${audience}`);
  return failed(
    `a new token: ${remarkText(wrong)}`,
    wrong.hint ?? 'The keys of --service-account-key-file have to be the same on every kube-apiserver.',
  );
}
