import { neededRight } from '../cluster/reader.ts';
import { KubernetesError, hasCode } from '../kubernetes/kubernetes-error.ts';
import { OidcError, remarkText } from '../oidc/remark.ts';
import { installNamespace, installPods, mayInstall, noWebhookYet, tokenAudience } from './before-install.ts';
import { caBundle, certificateTrusted, certificateValid } from './certificate.ts';
import { type CheckContext, failed, skipped, type Check, type CheckOutcome } from './check.ts';
import {
  deploymentAvailable,
  disruptionBudget,
  endpointsReady,
  replicas,
  versions,
  webhookAnswers,
} from './workload.ts';
import { dryRunPod, failedCalls } from './injection.ts';
import { mapping, serviceAccounts } from './identities.ts';
import {
  kubernetesVersion,
  registrationEntries,
  registrationExists,
  registrationRules,
  serviceTarget,
} from './registration.ts';
import {
  laterWebhooks,
  otherIdentityWebhooks,
  failurePolicy,
  ownPodsExcluded,
  reinvocation,
  sideEffects,
  timeoutSeconds,
} from './registration-fields.ts';
import { webhookRights } from './rights.ts';
import { issuerDiscovery, issuerKeys, issuerReachable, signingKey } from './token-issuer.ts';

const issuerChecks: readonly Check[] = [issuerDiscovery, issuerKeys, signingKey, issuerReachable];

/** Of an installation, in the order they are shown; groups are together. */
export const installationChecks: readonly Check[] = [
  kubernetesVersion,
  registrationExists,
  registrationEntries,
  registrationRules,
  serviceTarget,
  failurePolicy,
  timeoutSeconds,
  sideEffects,
  reinvocation,
  ownPodsExcluded,
  caBundle,
  certificateTrusted,
  certificateValid,
  endpointsReady,
  webhookAnswers,
  deploymentAvailable,
  replicas,
  disruptionBudget,
  versions,
  webhookRights,
  otherIdentityWebhooks,
  laterWebhooks,
  mapping,
  serviceAccounts,
  ...issuerChecks,
  dryRunPod,
  failedCalls,
];

/** Before an installation. */
export const preInstallationChecks: readonly Check[] = [
  kubernetesVersion,
  noWebhookYet,
  mayInstall,
  installNamespace,
  installPods,
  tokenAudience,
  ...issuerChecks,
];

/** What a check found. */
export interface CheckResult {
  readonly check: Check;
  readonly outcome: CheckOutcome;
}

/**
 * Runs all checks at the same time and returns their results in their order. Where a right is missing, the check is skipped.
 * Rejects with KubernetesError where the API server cannot be asked at all.
 */
export async function runChecks(checks: readonly Check[], context: CheckContext): Promise<readonly CheckResult[]> {
  return Promise.all(checks.map(async check => ({ check, outcome: await runCheck(check, context) })));
}

async function runCheck(check: Check, context: CheckContext): Promise<CheckOutcome> {
  try {
    return oneLine(await check.run(context));
  } catch (error) {
    return oneLine(outcomeOf(error));
  }
}

/** Throws the error where nothing can be told of the installation. */
function outcomeOf(error: unknown): CheckOutcome {
  if (error instanceof OidcError) return failed(remarkText(error), 'Look at what the API server publishes there.');
  if (!(error instanceof KubernetesError) || isUnaskable(error)) throw error;
  if (error.code === 'forbidden') return skipped(`needs ${neededRight(error.message)}`);
  return failed(`the API server answered: ${error.message}`, 'Look into the log of the API server.');
}

/** Texts of the API server and of other webhooks may have several lines, and characters that move the cursor. */
function oneLine(outcome: CheckOutcome): CheckOutcome {
  const clean = (text: string): string => text.replaceAll(/[\p{Cc}\p{Cf}]+/gu, ' ');
  if ('hint' in outcome) return { ...outcome, detail: clean(outcome.detail), hint: clean(outcome.hint) };
  return { ...outcome, detail: clean(outcome.detail) };
}

/** No answer, or no credentials: nothing can be told of the installation. */
function isUnaskable(error: KubernetesError): boolean {
  return hasCode(error, 'unauthorized', 'timed_out', 'connection_failed', 'aborted', 'no_credentials');
}
