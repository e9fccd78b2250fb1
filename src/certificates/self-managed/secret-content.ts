import { isArray, isObject, ownObject, ownString, type JsonObject } from '../../util/json.ts';
import { readAuthority, readTrustedCertificate, type Authority } from './authority.ts';
import type { AuthorityState, RetiringAuthority } from './authority-state.ts';
import type { SecretFinding } from './due-step.ts';

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
