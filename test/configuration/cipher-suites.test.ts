import { createSecureContext, getCiphers } from 'node:tls';
import { describe, expect, test } from 'vitest';
import { cipherSuiteNames, parseCipherSuites } from '../../src/configuration/cipher-suites.ts';
import type { Parsed } from '../../src/configuration/setting.ts';

/** What `tls.CipherSuites()` and `tls.InsecureCipherSuites()` of Go 1.26 list. */
const goSuites = [
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA',
  'TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA',
  'TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA',
  'TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA',
  'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256',
  'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384',
  'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256',
  'TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384',
  'TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256',
  'TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256',
  'TLS_RSA_WITH_RC4_128_SHA',
  'TLS_RSA_WITH_3DES_EDE_CBC_SHA',
  'TLS_RSA_WITH_AES_128_CBC_SHA',
  'TLS_RSA_WITH_AES_256_CBC_SHA',
  'TLS_RSA_WITH_AES_128_CBC_SHA256',
  'TLS_RSA_WITH_AES_128_GCM_SHA256',
  'TLS_RSA_WITH_AES_256_GCM_SHA384',
  'TLS_ECDHE_ECDSA_WITH_RC4_128_SHA',
  'TLS_ECDHE_RSA_WITH_RC4_128_SHA',
  'TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA',
  'TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256',
  'TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256',
];
const legacyAliases = ['TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305', 'TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305'];
const tls13 = 'TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256';

function ciphersOf(parsed: Parsed<string | undefined>): string {
  if (parsed.kind !== 'value') throw new Error(parsed.detail);
  return parsed.value ?? '';
}

/** OpenSSL's name of a suite, whose parts are those of the IANA name in another spelling. */
function isSpelledAlike(goName: string, openSslName: string): boolean {
  const parts = (name: string): string => name.replaceAll(/TLS|WITH|EDE|CBC|[-_]/g, '').replace(/^RSA(?=AES)/, '');
  return parts(goName).replace(/POLY1305(?:SHA256)?$/, 'POLY1305') === parts(openSslName);
}

describe('parseCipherSuites()', () => {
  test('knows every suite of Go and the two older names, and no other', () => {
    expect(cipherSuiteNames.toSorted()).toEqual([...goSuites, ...legacyAliases].toSorted());
  });

  test.each(cipherSuiteNames.map(name => [name] as const))('maps %s to what OpenSSL knows, or leaves it out', name => {
    const ciphers = ciphersOf(parseCipherSuites(name));
    const known = new Set(getCiphers());
    for (const cipher of ciphers.split(':')) expect(known).toContain(cipher.toLowerCase());
    expect(() => createSecureContext({ ciphers, minVersion: 'TLSv1.2' })).not.toThrow();
    const upTo12 = ciphers.split(':').filter(cipher => !tls13.includes(cipher));
    if (goSuites.slice(3).includes(name) && !/RC4|3DES/.test(name)) {
      expect(upTo12).toEqual([expect.toSatisfy((cipher: string) => isSpelledAlike(name, cipher))]);
    }
  });

  test.each([
    ['', undefined],
    [' , ,', undefined],
    ['TLS_AES_128_GCM_SHA256', tls13],
    ['TLS_RSA_WITH_AES_128_CBC_SHA', `AES128-SHA:${tls13}`],
    [
      ' TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,, TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305 ,TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256',
      `ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-CHACHA20-POLY1305:${tls13}`,
    ],
    ['TLS_AES_256_GCM_SHA384,TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA', `ECDHE-ECDSA-AES128-SHA:${tls13}`],
  ])('gives for %j %s', (text, value) => {
    expect(parseCipherSuites(text)).toMatchObject({ kind: 'value', value });
    expect(parseCipherSuites(text)).not.toHaveProperty('notice');
  });

  test('says what it leaves out because OpenSSL has it no longer', () => {
    expect(
      parseCipherSuites('TLS_RSA_WITH_RC4_128_SHA,TLS_RSA_WITH_AES_128_CBC_SHA,TLS_RSA_WITH_3DES_EDE_CBC_SHA'),
    ).toEqual({
      kind: 'value',
      value: `AES128-SHA:${tls13}`,
      text: 'TLS_RSA_WITH_RC4_128_SHA,TLS_RSA_WITH_AES_128_CBC_SHA,TLS_RSA_WITH_3DES_EDE_CBC_SHA',
      notice: 'left out TLS_RSA_WITH_RC4_128_SHA, TLS_RSA_WITH_3DES_EDE_CBC_SHA: OpenSSL 3 no longer has it',
    });
  });

  test.each([
    ['X', "X (expected one of Go's names)"],
    [
      'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA265',
      'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA265 (did you mean TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256?)',
    ],
    ['tls_aes_128_gcm_sha256', 'tls_aes_128_gcm_sha256 (did you mean TLS_AES_128_GCM_SHA256?)'],
    [
      'ECDHE-RSA-AES128-GCM-SHA256',
      'ECDHE-RSA-AES128-GCM-SHA256 (did you mean TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256?)',
    ],
    [
      'TLS_RSA_WITH_AES_128_CBC_SHA,HIGH:!aNULL,constructor',
      `"HIGH:!aNULL" (expected one of Go's names), constructor (expected one of Go's names)`,
    ],
    ['TLS_NULL\n', "TLS_NULL (expected one of Go's names)"],
  ])('refuses %j with the words of the AWS webhook and a hint', (text, detail) => {
    expect(parseCipherSuites(text)).toEqual({
      kind: 'problem',
      detail: `invalid tls-cipher-suites: unsupported cipher suite: ${detail}`,
    });
  });
});
