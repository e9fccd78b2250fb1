import { backoffMs, delay } from '../../util/waiting.ts';
import type { CertificateHealth, CertificateSource, ServingCertificate } from '../certificate-source.ts';
import { AuthorityRound, type RoundParts } from './authority-round.ts';
import type { Leaf } from './serving-leaf.ts';
import { trustedEverywhere, type FoundConfiguration, type OwnService } from './webhook-configuration.ts';
import type { ResourceHandler } from '../../kubernetes/watched-resource.ts';

/** What the metrics want to know. */
export interface AuthorityObserver {
  /** This certificate is served from now on, until `notAfterMs` (milliseconds since the epoch). */
  certificateInUse(notAfterMs: number): void;
  /** This authority signs, until `notAfterMs`. */
  authorityInUse(notAfterMs: number): void;
  /** `isInSync`: the webhook configuration has API servers trust what is served. */
  bundleInSync(isInSync: boolean): void;
}

/** A part that follows something for as long as it runs. */
interface Follower {
  run(signal: AbortSignal): Promise<void>;
}

export interface SelfManagedParts extends RoundParts {
  /** Wakes this replica when Secret or configuration may have changed. */
  readonly changes: ChangeSignal;
  /** The watches that feed `changes`. */
  readonly watches: readonly Follower[];
  /** Everything is looked at that often at least: a clock that is polled notices when the machine was paused. */
  readonly pollMs: number;
  /** From 0 to below 1. */
  readonly random: () => number;
  readonly observer: AuthorityObserver;
}

/** The first retry comes soon: it is most often due to another replica that was faster. */
const firstRetryMs = 50;

/** So that a fight about the caBundle with another controller costs little. */
const leastPauseMs = 50;

/** The serving certificate from an authority of our own, which all replicas share through a Secret. */
export class SelfManagedCertificates implements CertificateSource {
  readonly #parts: SelfManagedParts;
  #found: FoundConfiguration = 'unread';
  #failures = 0;

  constructor(parts: SelfManagedParts) {
    this.#parts = parts;
    parts.leaf.subscribe(({ notAfterMs }) => parts.observer.certificateInUse(notAfterMs));
  }

  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([this.#follow(signal), ...this.#parts.watches.map(watch => watch.run(signal))]);
  }

  current(): ServingCertificate | undefined {
    return this.#parts.leaf.current?.serving;
  }

  subscribe(listener: (certificate: ServingCertificate) => void): () => void {
    return this.#parts.leaf.subscribe(listener);
  }

  health(): CertificateHealth {
    const { leaf, problems, configuration, now } = this.#parts;
    return findHealth({
      leaf: leaf.current,
      found: this.#found,
      problem: problems.secret.detail ?? problems.signing.detail,
      configurationProblem: problems.configuration.detail,
      configuration: configuration.name,
      service: configuration.service,
      nowMs: now(),
    });
  }

  async #follow(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const { isDone, retryAfterMs } = await new AuthorityRound(this.#parts, signal).run(found => {
        this.#found = found;
      });
      this.#report();
      this.#failures = isDone ? 0 : this.#failures + 1;
      if (isDone) await this.#untilChange(signal);
      else await delay(Math.max(this.#retryMs(), retryAfterMs), signal);
    }
  }

  async #untilChange(signal: AbortSignal): Promise<void> {
    await delay(leastPauseMs, signal);
    await this.#parts.changes.within(this.#parts.pollMs, signal);
  }

  #retryMs(): number {
    const { pollMs, random } = this.#parts;
    return backoffMs(this.#failures, { floorMs: firstRetryMs, ceilingMs: pollMs }, random);
  }

  #report(): void {
    const { agreement, observer } = this.#parts;
    if (agreement.memory !== undefined) observer.authorityInUse(agreement.memory.current.notAfterMs);
    observer.bundleInSync(this.health().kind === 'healthy');
  }
}

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

/**
 * Wakes a waiter when a watched object may have changed. Nothing else that a watch reports is used: the waiter reads the object,
 * so that the decision rests on the newest state, and a watch that fails costs time only.
 */
export class ChangeSignal implements ResourceHandler {
  #changed: AbortController = new AbortController();

  /** Resolves at the next change, at once if there was one since the last call, or after `ms`. Never rejects. */
  async within(ms: number, signal: AbortSignal): Promise<void> {
    await delay(ms, AbortSignal.any([signal, this.#changed.signal]));
    if (this.#changed.signal.aborted) this.#changed = new AbortController();
  }

  begin(): void {}

  item(): void {}

  itemDeleted(): void {}

  commit(): void {
    this.#changed.abort();
  }

  applied(): void {
    this.#changed.abort();
  }
}
