import type { KubernetesClient } from '../../kubernetes/client.ts';
import { hasCode } from '../../kubernetes/kubernetes-error.ts';
import { metadataOf } from '../../kubernetes/objects.ts';
import { objectPath, secretsPath } from '../../kubernetes/paths.ts';
import { ownObject, type JsonObject, isArray, isObject, ownString } from '../../util/json.ts';
import {
  type AuthorityState,
  readAuthority,
  readTrustedCertificate,
  type Authority,
  type RetiringAuthority,
} from './authority.ts';
import type { SecretFinding } from './due-step.ts';

/** An answer of the API server takes milliseconds; nobody waits for this one. */
const requestMs = 10_000;

export interface SecretLocation {
  readonly namespace: string;
  readonly name: string;
}

/** The Secret as it was found, with what is needed to change exactly that. */
export interface FoundSecret {
  readonly finding: SecretFinding;
  readonly object: JsonObject | undefined;
}

/** The Secret in which all replicas keep their authority. Writes fail when somebody else was faster. */
export class AuthoritySecret {
  readonly #client: KubernetesClient;
  readonly #location: SecretLocation;
  /** Labels and annotations that somebody gave it, so that it has them again when it is created again. */
  #marks: JsonObject = {};

  constructor(client: KubernetesClient, location: SecretLocation) {
    this.#client = client;
    this.#location = location;
  }

  /** Rejects with a KubernetesError; that there is none is a finding. */
  async read(signal: AbortSignal): Promise<FoundSecret> {
    try {
      return this.#found(await this.#client.get(this.#path(), { timeoutMs: requestMs, signal }));
    } catch (error) {
      if (hasCode(error, 'not_found')) return { finding: { kind: 'missing' }, object: undefined };
      throw error;
    }
  }

  /**
   * Writes the state in place of what was found. Rejects with a KubernetesError: `already_exists`, `conflict` or `not_found`
   * when the Secret has changed meanwhile.
   */
  async write(found: FoundSecret, state: AuthorityState, signal: AbortSignal): Promise<FoundSecret> {
    const options = { timeoutMs: requestMs, signal };
    const data = toSecretData(state);
    if (found.object !== undefined) {
      return this.#found(await this.#client.replace(this.#path(), { ...found.object, data }, options));
    }
    const metadata = { name: this.#location.name, ...this.#marks };
    const secret = { apiVersion: 'v1', kind: 'Secret', type: 'Opaque', metadata, data };
    return this.#found(await this.#client.create(secretsPath(this.#location.namespace), secret, options));
  }

  #found(object: JsonObject): FoundSecret {
    const { labels, annotations } = metadataOf(object);
    this.#marks = { labels, annotations };
    return { finding: readSecret(object), object };
  }

  #path(): string {
    return objectPath(secretsPath(this.#location.namespace), this.#location.name);
  }
}

/** Names in the Secret's data. The first two are what everybody expects there. */
const keys = {
  currentCertificate: 'ca.crt',
  currentKey: 'ca.key',
  nextCertificate: 'next-ca.crt',
  nextKey: 'next-ca.key',
  /** `[{"certificate": PEM, "retireAfter": RFC 3339}]` */
  previous: 'previous-cas.json',
} as const;

/** The `data` of a Secret that holds this state. */
export function toSecretData({ current, next, previous }: AuthorityState): Readonly<Record<string, string>> {
  const retiring = previous.map(({ certificate, retireAfterMs }) => {
    return { certificate, retireAfter: new Date(retireAfterMs).toISOString() };
  });
  return {
    [keys.currentCertificate]: encode(current.certificate),
    [keys.currentKey]: encode(current.key),
    ...(next === undefined
      ? {}
      : { [keys.nextCertificate]: encode(next.certificate), [keys.nextKey]: encode(next.key) }),
    ...(previous.length === 0 ? {} : { [keys.previous]: encode(JSON.stringify(retiring)) }),
  };
}

/**
 * Reads a Secret. Without a current authority it is damaged; a next or previous one that cannot be read is left out, since
 * nothing depends on it that could not be made again.
 */
export function readSecret(secret: JsonObject): SecretFinding {
  const data = ownObject(secret, 'data') ?? {};
  if (Object.keys(data).length === 0) return { kind: 'empty' };
  const current = readPair(data, keys.currentCertificate, keys.currentKey);
  if (current.kind === 'problem') {
    return { kind: 'damaged', detail: `${keys.currentCertificate} and ${keys.currentKey}: ${current.detail}` };
  }
  const next = readPair(data, keys.nextCertificate, keys.nextKey);
  return {
    kind: 'state',
    state: { current: current.authority, next: authorityOf(next), previous: readPrevious(data) },
  };
}

function readPair(data: JsonObject, certificate: string, key: string): ReturnType<typeof readAuthority> {
  return readAuthority(decode(data, certificate), decode(data, key));
}

function authorityOf(reading: ReturnType<typeof readAuthority>): Authority | undefined {
  return reading.kind === 'authority' ? reading.authority : undefined;
}

function readPrevious(data: JsonObject): readonly RetiringAuthority[] {
  try {
    const entries: unknown = JSON.parse(decode(data, keys.previous));
    return isArray(entries) ? entries.flatMap(entry => (isObject(entry) ? readRetiring(entry) : [])) : [];
  } catch {
    return [];
  }
}

function readRetiring(entry: JsonObject): readonly RetiringAuthority[] {
  const trusted = readTrustedCertificate(ownString(entry, 'certificate') ?? '');
  const retireAfterMs = Date.parse(ownString(entry, 'retireAfter') ?? '');
  return trusted === undefined || Number.isNaN(retireAfterMs) ? [] : [{ ...trusted, retireAfterMs }];
}

function encode(text: string): string {
  return Buffer.from(text).toString('base64');
}

function decode(data: JsonObject, name: string): string {
  return Buffer.from(ownString(data, name) ?? '', 'base64').toString('utf8');
}
