import type { KubernetesClient } from '../../kubernetes/client.ts';
import { mutatingWebhookConfigurationsPath, secretsPath } from '../../kubernetes/paths.ts';
import { Reflector, type ReflectorObserver } from '../../kubernetes/reflector.ts';
import type { ReflectorSettings } from '../../kubernetes/watch-state.ts';
import type { WatchedResource } from '../../kubernetes/watched-resource.ts';
import type { Log } from '../../util/log.ts';
import type { CertificateSource } from '../certificate-source.ts';
import { AuthorityAgreement } from './authority-agreement.ts';
import { AuthoritySecret } from './authority-secret.ts';
import { ChangeSignal, SelfManagedCertificates, type AuthorityObserver } from './self-managed-certificates.ts';
import { Problem, SettleClock } from './authority-round.ts';
import { ServingLeaf } from './serving-leaf.ts';
import { WebhookConfiguration } from './webhook-configuration.ts';

export interface SelfManagedOptions {
  readonly client: KubernetesClient;
  /** Where Secret and Service are. */
  readonly namespace: string;
  readonly secretName: string;
  readonly serviceName: string;
  readonly webhookConfigurationName: string;
  /** DNS names by which API servers call us. */
  readonly names: readonly string[];
  readonly authorityDurationMs: number;
  readonly leafDurationMs: number;
  /** How long a new authority is published before it signs: API servers read the configuration by a watch. */
  readonly settleMs: number;
  /** Secret and configuration are read at least that often, besides being watched. */
  readonly pollMs: number;
  readonly reflector: ReflectorSettings;
  /** Milliseconds since the epoch, best by the clock of those who verify. */
  readonly now: () => number;
  /** Milliseconds that never jump. */
  readonly monotonicNow: () => number;
  /** From 0 to below 1. */
  readonly random: () => number;
  readonly observer: AuthorityObserver & ReflectorObserver;
  readonly log: Log;
}

/** Loads what is needed to be our own authority. Nothing is read or written before `run`. */
export async function createSelfManagedCertificates(options: SelfManagedOptions): Promise<CertificateSource> {
  const { client, namespace, secretName, serviceName, webhookConfigurationName, log } = options;
  const { certificateIssuer: issuer } = await import('./certificate-issuer.ts');
  const changes = new ChangeSignal();
  const secret = secretResource(namespace, secretName);
  const configuration = configurationResource(webhookConfigurationName);
  return new SelfManagedCertificates({
    ...options,
    agreement: new AuthorityAgreement({
      ...options,
      issuer,
      secret: new AuthoritySecret(client, { namespace, name: secretName }),
    }),
    configuration: new WebhookConfiguration(client, webhookConfigurationName, { namespace, name: serviceName }),
    leaf: new ServingLeaf({ ...options, issuer, durationMs: options.leafDurationMs }),
    settleClock: new SettleClock(options.settleMs),
    changes,
    watches: [secret, configuration].map(watched => watch(watched, changes, options)),
    problems: {
      secret: new Problem(`Secret ${namespace}/${secretName}`, secret.permissionHint, log),
      configuration: new Problem(
        `MutatingWebhookConfiguration ${webhookConfigurationName}`,
        configuration.permissionHint,
        log,
      ),
      signing: new Problem('serving certificate', '', log),
    },
  });
}

function watch(watched: WatchedResource, handler: ChangeSignal, options: SelfManagedOptions): Reflector {
  const { client, reflector: settings, observer, log, monotonicNow, random } = options;
  return new Reflector({ client, watched, handler, settings, observer, log, now: monotonicNow, random });
}

function secretResource(namespace: string, name: string): WatchedResource {
  return {
    resource: 'secrets',
    kind: 'Secret',
    path: secretsPath(namespace),
    query: { fieldSelector: `metadata.name=${name}` },
    permissionHint:
      `the Role in namespace ${namespace} needs get, list, watch and update on the Secret ${name}, ` +
      'and create on secrets',
  };
}

function configurationResource(name: string): WatchedResource {
  return {
    resource: 'mutatingwebhookconfigurations',
    kind: 'MutatingWebhookConfiguration',
    path: mutatingWebhookConfigurationsPath,
    query: { fieldSelector: `metadata.name=${name}` },
    permissionHint: `the ClusterRole needs get, list, watch and patch on the MutatingWebhookConfiguration ${name}`,
  };
}
