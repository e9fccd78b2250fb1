import type { Check } from './check.ts';
import { installNamespace, installPods, mayInstall, noWebhookYet, tokenAudience } from './checks/before-install.ts';
import { caBundle } from './checks/ca-bundle.ts';
import { deploymentAvailable, disruptionBudget, replicas } from './checks/deployment.ts';
import { dryRunPod } from './checks/dry-run-pod.ts';
import { endpointsReady, webhookAnswers } from './checks/endpoints.ts';
import { failurePolicy, reinvocation, sideEffects, timeoutSeconds } from './checks/entry-fields.ts';
import { failedCalls } from './checks/failed-calls.ts';
import { mapping, serviceAccounts } from './checks/identities.ts';
import { issuerDiscovery, issuerKeys, issuerReachable } from './checks/issuer.ts';
import { kubernetesVersion } from './checks/kubernetes-version.ts';
import { laterWebhooks, otherIdentityWebhooks } from './checks/other-webhooks.ts';
import { ownPodsExcluded } from './checks/own-pods.ts';
import { registrationEntries, registrationExists, registrationRules, serviceTarget } from './checks/registration.ts';
import { certificateTrusted, certificateValid } from './checks/serving-certificate.ts';
import { signingKey } from './checks/signing-key.ts';
import { versions } from './checks/versions.ts';
import { webhookRights } from './checks/webhook-rights.ts';

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
