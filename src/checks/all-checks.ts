import type { Check } from './check.ts';
import { installNamespace, installPods, mayInstall, noWebhookYet, tokenAudience } from './before-install.ts';
import { caBundle } from './ca-bundle.ts';
import { deploymentAvailable, disruptionBudget, replicas } from './workload.ts';
import { dryRunPod } from './injection.ts';
import { endpointsReady, webhookAnswers } from './endpoints.ts';
import { failurePolicy, reinvocation, sideEffects, timeoutSeconds } from './registration-fields.ts';
import { failedCalls } from './failed-calls.ts';
import { mapping, serviceAccounts } from './identities.ts';
import { issuerDiscovery, issuerKeys, issuerReachable } from './token-issuer.ts';
import { kubernetesVersion } from './kubernetes-version.ts';
import { laterWebhooks, otherIdentityWebhooks } from './other-webhooks.ts';
import { ownPodsExcluded } from './own-pods.ts';
import { registrationEntries, registrationExists, registrationRules, serviceTarget } from './registration.ts';
import { certificateTrusted, certificateValid } from './certificate.ts';
import { signingKey } from './signing-key.ts';
import { versions } from './versions.ts';
import { webhookRights } from './rights.ts';

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
