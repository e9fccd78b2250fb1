import { createPrivateKey } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import {
  readAuthority,
  readTrustedCertificate,
  type Authority,
} from '../../../src/certificates/self-managed/authority.ts';
import { readSecret, toSecretData } from '../../../src/certificates/self-managed/authority-secret.ts';
import { createCertificateAuthority } from '../../support/certificates.ts';
import { retiring, stateOf } from './authorities.ts';
import { encode } from './webhook-objects.ts';

const authorities = Array.from({ length: 4 }, () => createCertificateAuthority());
const [current, next, ...previous] = authorities.map(read);
const leaf = authorities[0]?.issue();
const rsa = createCertificateAuthority({ keyType: 'rsa' });

function read({ certificate, key }: { readonly certificate: string; readonly key: string }): Authority {
  const reading = readAuthority(certificate, key);
  if (reading.kind === 'problem') throw new Error(reading.detail);
  return reading.authority;
}

function dataOf(fields: { readonly [key: string]: string | undefined }): object {
  return { data: Object.fromEntries(Object.entries(fields).map(([key, text]) => [key, encode(text ?? '')])) };
}

if (current === undefined || next === undefined) throw new Error('expected authorities');
const complete = stateOf(current, {
  next,
  previous: previous.map((authority, index) => retiring(authority, Date.parse(`2026-12-0${index + 1}T00:00:00Z`))),
});

describe('readSecret()', () => {
  test.each([
    { name: 'only the current authority', state: stateOf(current) },
    { name: 'a next one', state: stateOf(current, { next }) },
    { name: 'everything', state: complete },
  ])('reads what toSecretData() wrote: $name', ({ state }) => {
    expect(readSecret({ data: toSecretData(state) })).toEqual({ kind: 'state', state });
  });

  test('reads a key in the form of SEC 1 too', () => {
    const sec1 = createPrivateKey(current.key).export({ type: 'sec1', format: 'pem' });
    const fields = { 'ca.crt': current.certificate, 'ca.key': sec1 };
    expect(readSecret({ ...dataOf(fields) })).toEqual({ kind: 'state', state: stateOf(current) });
  });

  test.each([{}, { data: {} }, { data: null }, { data: 'text' }])('finds %j empty', secret => {
    expect(readSecret(secret)).toEqual({ kind: 'empty' });
  });

  const pem = 'ca.crt and ca.key: expected a certificate and its key in PEM, found: ';
  test.each([
    { name: 'other keys', fields: { 'tls.crt': current.certificate }, detail: pem },
    { name: 'no key', fields: { 'ca.crt': current.certificate }, detail: pem },
    { name: 'no certificate', fields: { 'ca.key': current.key }, detail: pem },
    {
      name: 'half a certificate',
      fields: { 'ca.crt': current.certificate.slice(0, 200), 'ca.key': current.key },
      detail: pem,
    },
    { name: 'garbage', fields: { 'ca.crt': 'garbage', 'ca.key': 'garbage' }, detail: pem },
    {
      name: 'the key of another',
      fields: { 'ca.crt': current.certificate, 'ca.key': next.key },
      detail: 'ca.crt and ca.key: expected the key of the certificate, found another',
    },
    {
      name: 'an authority of another kind',
      fields: { 'ca.crt': rsa.certificate, 'ca.key': rsa.key },
      detail: 'ca.crt and ca.key: expected a key on P-256, found rsa',
    },
    {
      name: 'a leaf',
      fields: { 'ca.crt': leaf?.certificate, 'ca.key': leaf?.key },
      detail: 'ca.crt and ca.key: expected the certificate of an authority, found one that may not sign',
    },
  ])('finds a Secret damaged that has $name, and says why', ({ fields, detail }) => {
    expect(readSecret({ ...dataOf(fields) })).toEqual({
      kind: 'damaged',
      detail: expect.stringMatching(new RegExp(`^${detail}`)),
    });
  });

  test.each([{ data: { 'ca.crt': 7, 'ca.key': {} } }, { data: { 'ca.crt': '%%%', 'ca.key': '%%%' } }])(
    'finds %j damaged',
    secret => {
      expect(readSecret(secret)).toMatchObject({ kind: 'damaged' });
    },
  );

  const whole = { 'ca.crt': current.certificate, 'ca.key': current.key };
  test.each([
    { name: 'a next certificate without its key', fields: { 'next-ca.crt': next.certificate } },
    { name: 'a next key of another', fields: { 'next-ca.crt': next.certificate, 'next-ca.key': current.key } },
    { name: 'previous ones that are no JSON', fields: { 'previous-cas.json': '[{' } },
    { name: 'previous ones that are no list', fields: { 'previous-cas.json': '{"certificate":"x"}' } },
    { name: 'previous ones that are garbage', fields: { 'previous-cas.json': '[7, null, {"certificate":"x"}]' } },
    {
      name: 'a previous one without a date',
      fields: { 'previous-cas.json': JSON.stringify([{ certificate: next.certificate, retireAfter: 'soon' }]) },
    },
  ])('leaves out $name', ({ fields }) => {
    expect(readSecret({ ...dataOf({ ...whole, ...fields }) })).toEqual({ kind: 'state', state: stateOf(current) });
  });
});

describe('readTrustedCertificate()', () => {
  test('reads any certificate', () => {
    expect(readTrustedCertificate(leaf?.certificate ?? '')?.fingerprint).toMatch(/^(?:[0-9A-F]{2}:){31}[0-9A-F]{2}$/);
  });

  test.each(['', 'garbage', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'])(
    'gives nothing for %j',
    pem => {
      expect(readTrustedCertificate(pem)).toBeUndefined();
    },
  );
});
