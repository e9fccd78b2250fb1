import { decodeProtectedHeader, errors, jwtVerify } from 'jose';
import { hasCode } from '../../kubernetes/kubernetes-error.ts';
import { acceptedAlgorithms } from '../../oidc/accepted-algorithms.ts';
import { toPublicKey } from '../../oidc/signing-key.ts';
import { ownString, type JsonObject } from '../../util/type-guards.ts';
import { failed, passed, skipped, type Check, type CheckOutcome } from '../check.ts';
import type { CheckContext } from '../check-context.ts';
import { settingsOf } from '../find-installed-webhook.ts';
import { requestToken } from '../token-request.ts';

export const signingKey: Check = {
  code: 'signing-key',
  group: 'Token issuer',
  title: 'tokens are signed with a published key, for the audience of AWS',
  run: async context => {
    const webhook = await context.webhook();
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
    return await requestToken(cluster, account, audience);
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

/** The clocks of this machine and of the control plane. */
const clockToleranceSeconds = 60;

/** As AWS STS verifies it. Nothing of the token is told but the name of its key. */
export async function judgeToken(token: string, { keys, issuer, audience, nowMs }: Expected): Promise<CheckOutcome> {
  const kid = keyIdOf(token);
  const jwk = keys.find(key => ownString(key, 'kid') === kid);
  const key = jwk && toPublicKey(jwk);
  if (key === undefined) {
    return failed(
      `expected the key ${kid ?? 'without name'} of a new token in /openid/v1/jwks, found others`,
      'Set --service-account-key-file of kube-apiserver to the public key of --service-account-signing-key-file too.',
    );
  }
  try {
    await jwtVerify(token, key, {
      issuer,
      audience,
      algorithms: [...acceptedAlgorithms],
      currentDate: new Date(nowMs),
      clockTolerance: clockToleranceSeconds,
    });
    return passed(`key ${kid}, audience ${audience}`);
  } catch (error) {
    if (!(error instanceof errors.JOSEError)) throw error;
    return failed(
      `a new token does not pass as AWS verifies it: ${error.message}`,
      'Compare --service-account-issuer and the keys of every API server: they have to be the same on all.',
    );
  }
}

function keyIdOf(token: string): string | undefined {
  try {
    return decodeProtectedHeader(token).kid;
  } catch {
    return undefined;
  }
}
