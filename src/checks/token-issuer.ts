import { settingsOf } from '../cluster/installed-webhook.ts';
import { ifAllowed, type ClusterReader } from '../cluster/reader.ts';
import { hasCode } from '../kubernetes/kubernetes-error.ts';
import { requestToken } from '../kubernetes/token-request.ts';
import { checkToken } from '../oidc/check-token.ts';
import type { Discovery } from '../oidc/documents.ts';
import { checkIssuer, checkPublic, keySetPath } from '../oidc/issuer-url.ts';
import { remarkText } from '../oidc/remark.ts';
import { decodeToken } from '../oidc/service-account-token.ts';
import { verifyIssuer, type IssuerReport } from '../oidc/verify-issuer.ts';
import { verifySignature } from '../oidc/verify-signature.ts';
import type { JsonObject } from '../util/json.ts';
import { type CheckContext, failed, passed, skipped, warning, type Check, type CheckOutcome } from './check.ts';
import { counted } from '../util/text.ts';

const group = 'Token issuer';
/** A person waits for it, and AWS waits no longer. */
const fetchMs = 5_000;

export const issuerDiscovery: Check = {
  code: 'issuer-discovery',
  group,
  title: 'the API server says who issues its tokens',
  run: async ({ discovery }) => judgeDiscovery(await discovery()),
};

const issuerName = 'issuer of the API server';

function judgeDiscovery({ issuer }: Discovery): CheckOutcome {
  // Throws OidcError for what cannot be an issuer for AWS.
  const url = checkIssuer(issuer ?? '', issuerName);
  const fault = checkPublic(url, issuerName);
  return fault === undefined ? passed(url) : failed(remarkText(fault), fault.hint ?? '');
}

export const issuerKeys: Check = {
  code: 'issuer-keys',
  group,
  title: 'the API server publishes its keys',
  run: async ({ keys }) => judgeKeys(await keys()),
};

function judgeKeys(keys: readonly JsonObject[]): CheckOutcome {
  if (keys.length > 0) return passed(counted(keys.length, 'key'));
  return failed(
    'expected a key in /openid/v1/jwks, found none',
    'Set --service-account-key-file of kube-apiserver to the public key of its signing key.',
  );
}

export const issuerReachable: Check = {
  code: 'issuer-reachable',
  group,
  title: 'the issuer publishes these keys where AWS looks for them',
  run: async ({ discovery, keys, issuerCa: ca, environment, cluster: { signal } }) => {
    const issuer = checkIssuer((await discovery()).issuer ?? '', issuerName);
    if (checkPublic(issuer, issuerName) !== undefined)
      return skipped('AWS cannot read this issuer: see issuer-discovery');
    const signingKeys = await keys();
    return judgeIssuer(await verifyIssuer({ issuer, signingKeys, ca, timeoutMs: fetchMs, signal, environment }));
  },
};

/** What only says that this machine has no way to the issuer. */
const notReached: ReadonlySet<string> = new Set(['not_reached', 'not_trusted', 'timed_out']);

function judgeIssuer({ issuer, keys, remarks }: IssuerReport): CheckOutcome {
  const hint = 'irsa oidc verify shows every step, and irsa oidc bundle writes the documents to publish.';
  const unreached = remarks.find(({ code }) => notReached.has(code));
  if (unreached !== undefined) {
    return warning(
      `it cannot be read from here: ${remarkText(unreached)}`,
      `AWS has to be able to read it. From a machine that can reach it: irsa oidc verify --issuer ${issuer}`,
    );
  }
  const wrong = remarks.find(({ severity }) => severity === 'error');
  if (wrong !== undefined) return failed(remarkText(wrong), hint);
  const doubtful = remarks.find(({ severity }) => severity === 'warning');
  if (doubtful !== undefined) return warning(remarkText(doubtful), hint);
  return passed(`${counted(keys.length, 'key')} at ${issuer}`);
}

export const signingKey: Check = {
  code: 'signing-key',
  group,
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
  const remarks = [
    ...checkToken(facts, { audiences: [audience], nowMs }),
    await verifySignature(token, keys, keySetPath),
  ];
  const wrong = remarks.find(({ severity }) => severity === 'error');
  if (wrong === undefined) return passed(`key ${facts.kid ?? 'without name'}, audience ${audience}`);
  return failed(
    `a new token: ${remarkText(wrong)}`,
    wrong.hint ?? 'The keys of --service-account-key-file have to be the same on every kube-apiserver.',
  );
}

/** The shortest life that the API server takes, in seconds. */
const expirationSeconds = 600;

/** A token as the kubelet projects it; it is never shown. Rejects with KubernetesError, `not_found` without such an account. */
export async function requestShortToken(
  { client, timeoutMs, signal }: ClusterReader,
  account: { readonly namespace: string; readonly name: string },
  audience: string,
): Promise<string> {
  const spec = { audiences: [audience], expirationSeconds };
  const { token } = await requestToken(client, account, spec, { timeoutMs, signal });
  return token ?? '';
}
