import type { Parsed } from './setting.ts';
import { nearest } from '../util/nearest.ts';
import { quoteUnlessPlain } from '../util/text.ts';

/**
 * Go's names of the cipher suites up to TLS 1.2 and the names that OpenSSL, and so Node's `ciphers` option, has for them:
 * `undefined` where OpenSSL 3 has the suite no longer. https://pkg.go.dev/crypto/tls#CipherSuites and #InsecureCipherSuites
 */
const openSslNames: ReadonlyMap<string, string | undefined> = new Map([
  ['TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256', 'ECDHE-ECDSA-AES128-GCM-SHA256'],
  ['TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384', 'ECDHE-ECDSA-AES256-GCM-SHA384'],
  ['TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256', 'ECDHE-RSA-AES128-GCM-SHA256'],
  ['TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384', 'ECDHE-RSA-AES256-GCM-SHA384'],
  ['TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256', 'ECDHE-ECDSA-CHACHA20-POLY1305'],
  ['TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256', 'ECDHE-RSA-CHACHA20-POLY1305'],
  // The names that these two had in Go before 1.14, and still have in Kubernetes' own flags.
  ['TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305', 'ECDHE-ECDSA-CHACHA20-POLY1305'],
  ['TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305', 'ECDHE-RSA-CHACHA20-POLY1305'],
  ['TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA', 'ECDHE-ECDSA-AES128-SHA'],
  ['TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA', 'ECDHE-ECDSA-AES256-SHA'],
  ['TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA', 'ECDHE-RSA-AES128-SHA'],
  ['TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA', 'ECDHE-RSA-AES256-SHA'],
  ['TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256', 'ECDHE-ECDSA-AES128-SHA256'],
  ['TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256', 'ECDHE-RSA-AES128-SHA256'],
  ['TLS_RSA_WITH_AES_128_GCM_SHA256', 'AES128-GCM-SHA256'],
  ['TLS_RSA_WITH_AES_256_GCM_SHA384', 'AES256-GCM-SHA384'],
  ['TLS_RSA_WITH_AES_128_CBC_SHA256', 'AES128-SHA256'],
  ['TLS_RSA_WITH_AES_128_CBC_SHA', 'AES128-SHA'],
  ['TLS_RSA_WITH_AES_256_CBC_SHA', 'AES256-SHA'],
  ['TLS_RSA_WITH_3DES_EDE_CBC_SHA', undefined],
  ['TLS_RSA_WITH_RC4_128_SHA', undefined],
  ['TLS_ECDHE_ECDSA_WITH_RC4_128_SHA', undefined],
  ['TLS_ECDHE_RSA_WITH_RC4_128_SHA', undefined],
  ['TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA', undefined],
]);

/** Bear the same name in Go and in OpenSSL. They are always offered, as by Go: the setting has no effect on TLS 1.3. */
const tls13Suites = ['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256'] as const;

/** Every name that `--tls-cipher-suites` takes. */
export const cipherSuiteNames: readonly string[] = [...openSslNames.keys(), ...tls13Suites];

/**
 * The value of Node's `ciphers` option for a comma-separated list of Go's cipher suite names; undefined, which is Node's own
 * choice, for an empty list.
 */
export function parseCipherSuites(text: string): Parsed<string | undefined> {
  const names = [...new Set(text.split(',').map(name => name.trim()))].filter(name => name !== '');
  const unknown = names.filter(name => !cipherSuiteNames.includes(name));
  if (unknown.length > 0) return { kind: 'problem', detail: unknownSuites(unknown) };
  const gone = names.filter(name => openSslNames.has(name) && openSslNames.get(name) === undefined);
  return {
    kind: 'value',
    value: names.length === 0 ? undefined : toOpenSsl(names),
    text: names.join(','),
    ...(gone.length === 0 ? {} : { notice: `left out ${gone.join(', ')}: OpenSSL 3 no longer has it` }),
  };
}

function toOpenSsl(names: readonly string[]): string {
  const upTo12 = names.flatMap(name => openSslNames.get(name) ?? []);
  return [...new Set([...upTo12, ...tls13Suites])].join(':');
}

function unknownSuites(names: readonly string[]): string {
  const each = names.map(name => `${quoteUnlessPlain(name)} (${hint(name)})`);
  return `invalid tls-cipher-suites: unsupported cipher suite: ${each.join(', ')}`;
}

function hint(name: string): string {
  const upper = name.toUpperCase();
  const translated = cipherSuiteNames.find(known => openSslNames.get(known) === upper);
  const suggestion = translated ?? nearest(upper, cipherSuiteNames);
  return suggestion === undefined ? "expected one of Go's names" : `did you mean ${suggestion}?`;
}
