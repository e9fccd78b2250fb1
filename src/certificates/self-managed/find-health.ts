import type { CertificateHealth } from '../certificate-source.ts';
import type { Leaf } from './due-leaf.ts';
import { trustedEverywhere, type OwnService, type PublishedBundle } from './trust-bundle.ts';

/** What was last found in place of the webhook configuration. */
export type FoundConfiguration = PublishedBundle | 'missing' | 'unread';

export interface HealthFacts {
  readonly leaf: Leaf | undefined;
  readonly found: FoundConfiguration;
  /** Why the authority cannot be read, or cannot sign. */
  readonly problem: string | undefined;
  readonly configurationProblem: string | undefined;
  /** Name of the MutatingWebhookConfiguration. */
  readonly configuration: string;
  readonly service: OwnService;
  /** Milliseconds since the epoch. */
  readonly nowMs: number;
}

/** Healthy when there is a certificate that is valid, and the webhook configuration has API servers trust it. */
export function findHealth(facts: HealthFacts): CertificateHealth {
  const { leaf, problem, configurationProblem, nowMs } = facts;
  if (leaf === undefined) return unhealthy(problem ?? 'the certificate authority has not been read yet');
  if (nowMs >= leaf.validity.notAfterMs) {
    const end = new Date(leaf.validity.notAfterMs).toISOString();
    return unhealthy(`the served certificate expired at ${end}`, problem);
  }
  const distrust = findDistrust(leaf, facts);
  return distrust === undefined ? { kind: 'healthy' } : unhealthy(distrust, configurationProblem);
}

/** Why API servers would not trust the leaf, as far as is known. */
function findDistrust(leaf: Leaf, { found, configuration, service }: HealthFacts): string | undefined {
  if (found === 'unread') return `the MutatingWebhookConfiguration ${configuration} has not been read yet`;
  if (found === 'missing') return `expected a MutatingWebhookConfiguration ${configuration}, found none`;
  const where = `in the MutatingWebhookConfiguration ${configuration}`;
  if (found.entries.length === 0) {
    return `expected an entry for the Service ${service.namespace}/${service.name} ${where}, found none`;
  }
  if (trustedEverywhere(found).has(leaf.issuer.fingerprint)) return undefined;
  return `the caBundle ${where} lacks the authority of the served certificate`;
}

function unhealthy(detail: string, problem?: string): CertificateHealth {
  return { kind: 'unhealthy', detail: problem === undefined ? detail : `${detail}: ${problem}` };
}
