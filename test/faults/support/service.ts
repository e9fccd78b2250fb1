import { join } from 'node:path';
import { createdRole, role, withRole } from '../../apiserver/pods.ts';
import { createNamespace, createServiceAccount } from '../../support/cluster/objects.ts';
import { createWebhookAccount, type WebhookAccount } from '../../support/cluster/webhook-account.ts';
import { registerWebhook } from '../../support/cluster/webhook-registration.ts';
import { reviewFor } from '../../integration/program/reviews.ts';
import {
  createCertificateAuthority,
  type CertificateAuthority,
  type IssuedCertificate,
} from '../../support/certificates.ts';
import { writeMountedVolume } from '../../support/mounted-volume.ts';
import { createTempFolder } from '../../support/temp-folder.ts';
import { waitFor } from '../../support/wait-for.ts';
import { launchWebhook, type WebhookProcess, type WebhookProcessOptions } from '../../support/webhook-process.ts';
import { ApiServerCaller } from './api-server-caller.ts';
import type { ApiProxy } from './api-proxy.ts';
import { startDialer, type Dialer } from './dialer.ts';
import type { Lab } from './lab.ts';
import { startLoad, type Load } from './load.ts';
import type { Outcome } from './tally.ts';

/** Until kube-proxy does what an EndpointSlice says: a second is usual. */
const lagMs = 1_000;
const serviceTimeoutMs = 60_000;

export interface ServiceOptions {
  /** Of its namespace; unique in the cluster. */
  readonly name: string;
  /** Default: two. */
  readonly replicas?: number;
  readonly flags?: readonly string[];
  /** Between the replicas and the API server. */
  readonly proxy?: ApiProxy;
  /** False: it registers itself, or nobody does. */
  readonly isRegistered?: boolean;
}

interface Parts {
  readonly lab: Lab;
  readonly options: ServiceOptions;
  readonly account: WebhookAccount;
  readonly authority: CertificateAuthority;
  readonly certificates: string;
  readonly dialer: Dialer;
}

/** Starts a service, and registers it with `Fail` for the pods of its namespace, in which `app` has a role. */
export async function startService(lab: Lab, options: ServiceOptions): Promise<Service> {
  await using resources = new AsyncDisposableStack();
  const { admin, cluster } = lab;
  const namespace = options.name;
  await createNamespace(admin, namespace);
  await createServiceAccount(admin, namespace, 'app', withRole('app'));
  const access = { ...cluster, ca: cluster.ca + (options.proxy?.ca ?? '') };
  const account = resources.use(await createWebhookAccount(admin, access, { namespace }));
  const folder = resources.use(await createTempFolder());
  const certificates = join(folder.path, 'certs');
  const dialer = resources.use(await startDialer(lagMs));
  const authority = createCertificateAuthority({ commonName: namespace });
  const owned = new AsyncDisposableStack();
  const service = new Service({ lab, options, account, authority, certificates, dialer }, owned);
  resources.defer(() => service.stopReplicas());
  await service.rotateCertificate();
  const { replicas = 2 } = options;
  await Promise.all(Array.from({ length: replicas }, () => service.launch()));
  await service.balanced(replicas);
  const url = `https://localhost:${dialer.port}/mutate`;
  const { caBundle } = service;
  const registration = { name: namespace, url, caBundle, namespaces: [namespace], failurePolicy: 'Fail' } as const;
  if (options.isRegistered ?? true) resources.use(await registerWebhook(admin, registration));
  owned.use(resources.move());
  return service;
}

/** Replicas of the built program, behind a dialer. */
export class Service implements AsyncDisposable {
  /** All that were launched, in that order. */
  readonly replicas: WebhookProcess[] = [];
  /** Calls it as the API server does, without the API server. */
  readonly caller: ApiServerCaller;
  readonly #parts: Parts;
  readonly #resources: AsyncDisposableStack;

  constructor(parts: Parts, resources: AsyncDisposableStack) {
    this.#parts = parts;
    this.#resources = resources;
    this.caller = new ApiServerCaller({ port: parts.dialer.port, ca: this.caBundle });
  }

  get namespace(): string {
    return this.#parts.options.name;
  }

  get account(): WebhookAccount {
    return this.#parts.account;
  }

  get authority(): CertificateAuthority {
    return this.#parts.authority;
  }

  get dialer(): Dialer {
    return this.#parts.dialer;
  }

  /** PEM. */
  get caBundle(): string {
    return this.authority.certificate;
  }

  /** Starts one replica more, which gets connections when it is ready, or as soon as it listens. */
  async launch(options: WebhookProcessOptions = {}, from: 'ready' | 'listening' = 'ready'): Promise<WebhookProcess> {
    const { lab, account, certificates, dialer } = this.#parts;
    const { flags = [], proxy } = this.#parts.options;
    const replica = await launchWebhook({
      apiServer: proxy?.url ?? lab.cluster.url,
      credentials: account.folder,
      withCertificate: false,
      ...options,
      flags: [
        `--tls-cert=${join(certificates, 'tls.crt')}`,
        `--tls-key=${join(certificates, 'tls.key')}`,
        `--namespace=${this.namespace}`,
        ...flags,
        ...(options.flags ?? []),
      ],
    });
    this.replicas.push(replica);
    const isReady = async (): Promise<boolean> => {
      const { status, body } = await replica.ask('/readyz');
      return status === 200 || (from === 'listening' && body.includes('[+]certificate ok'));
    };
    dialer.add({ port: replica.port, isReady });
    return replica;
  }

  /** Waits until so many replicas get connections. */
  async balanced(replicas: number): Promise<void> {
    const isBalanced = (): boolean => this.dialer.ready() === replicas;
    const words = this.replicas.map(replica => replica.output().slice(-500)).join('\n');
    await waitFor(isBalanced, { what: `${replicas} replicas in service: ${words}`, timeoutMs: serviceTimeoutMs });
  }

  /** Replaces the certificate of all replicas, as the kubelet does. */
  rotateCertificate({ certificate, key }: IssuedCertificate = this.authority.issue()): Promise<void> {
    return writeMountedVolume(this.#parts.certificates, { 'tls.crt': certificate, 'tls.key': key });
  }

  /** Creates a pod on the API server, by a dry run, which has to get the role of its account: by default of the same name. */
  async pod(serviceAccount = 'app', expected: string = role(serviceAccount)): Promise<Outcome> {
    const options = { name: 'pod', serviceAccount, dryRun: true };
    const found = await createdRole(this.#parts.lab.admin, this.namespace, options);
    return { kind: found === expected ? 'mutated' : 'unmutated' };
  }

  /** A review of a pod of this account, which has to get a patch. */
  review(serviceAccount = 'app'): Promise<Outcome> {
    return this.caller.call(this.#reviewFor(serviceAccount));
  }

  /** The same on a connection of its own. */
  async reviewAlone(): Promise<Outcome> {
    using caller = new ApiServerCaller({ port: this.dialer.port, ca: this.caBundle });
    return await caller.call(this.#reviewFor('app'));
  }

  /** Pods through the API server and reviews of ours, so many each second. */
  load(podsPerSecond: number, reviewsPerSecond: number): readonly [pods: Load, reviews: Load] {
    return [startLoad(podsPerSecond, () => this.pod()), startLoad(reviewsPerSecond, () => this.review())];
  }

  #reviewFor(serviceAccount: string): string {
    return reviewFor(serviceAccount).replace('"namespace":"ns"', `"namespace":"${this.namespace}"`);
  }

  async stopReplicas(): Promise<void> {
    this.caller[Symbol.dispose]();
    await Promise.all(this.replicas.map(replica => replica[Symbol.asyncDispose]()));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#resources.disposeAsync();
  }
}
