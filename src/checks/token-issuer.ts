import type { Discovery } from '../oidc/discovery.ts';
import { checkIssuer } from '../oidc/issuer-url.ts';
import { verifyIssuer, type IssuerReport } from '../oidc/verify-issuer.ts';
import { count, failed, passed, warning, type Check, type CheckOutcome } from './check.ts';
import { remarkText } from '../oidc/remark-text.ts';
import type { JsonObject } from '../util/type-guards.ts';

const group = 'Token issuer';
/** A person waits for it, and AWS waits no longer. */
const fetchMs = 5_000;

export const issuerDiscovery: Check = {
  code: 'issuer-discovery',
  group,
  title: 'the API server says who issues its tokens',
  run: async ({ discovery }) => judgeDiscovery(await discovery()),
};

function judgeDiscovery({ issuer }: Discovery): CheckOutcome {
  // Throws OidcError for what cannot be an issuer for AWS.
  return passed(checkIssuer(issuer ?? '', 'issuer of the API server'));
}

export const issuerKeys: Check = {
  code: 'issuer-keys',
  group,
  title: 'the API server publishes its keys',
  run: async ({ keys }) => judgeKeys(await keys()),
};

function judgeKeys(keys: readonly JsonObject[]): CheckOutcome {
  if (keys.length > 0) return passed(count(keys.length, 'key'));
  return failed(
    'expected a key in /openid/v1/jwks, found none',
    'Set --service-account-key-file of kube-apiserver to the public key of its signing key.',
  );
}

export const issuerReachable: Check = {
  code: 'issuer-reachable',
  group,
  title: 'the issuer publishes these keys where AWS looks for them',
  run: async ({ discovery, keys, issuerCa, cluster }) => {
    const issuer = checkIssuer((await discovery()).issuer ?? '', 'issuer of the API server');
    const signingKeys = await keys();
    const { signal } = cluster;
    return judgeIssuer(await verifyIssuer({ issuer, signingKeys, ca: issuerCa, timeoutMs: fetchMs, signal }));
  },
};

/** What only says that this machine has no way to the issuer. */
const notReached: ReadonlySet<string> = new Set(['not_reached', 'not_trusted', 'timed_out']);

function judgeIssuer({ issuer, keys, findings }: IssuerReport): CheckOutcome {
  const hint = 'irsa oidc verify shows every step, and irsa oidc bundle writes the documents to publish.';
  const unreached = findings.find(({ code }) => notReached.has(code));
  if (unreached !== undefined) {
    return warning(
      `it cannot be read from here: ${remarkText(unreached)}`,
      `AWS has to be able to read it. From a machine that can reach it: irsa oidc verify --issuer ${issuer}`,
    );
  }
  const wrong = findings.find(({ severity }) => severity === 'error');
  if (wrong !== undefined) return failed(remarkText(wrong), hint);
  const doubtful = findings.find(({ severity }) => severity === 'warning');
  if (doubtful !== undefined) return warning(remarkText(doubtful), hint);
  return passed(`${count(keys.length, 'key')} at ${issuer}`);
}
