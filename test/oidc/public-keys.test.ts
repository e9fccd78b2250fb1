import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { OidcError } from '../../src/oidc/remark.ts';
import { readPublicKeys } from '../../src/oidc/public-keys.ts';
import { keyId } from '../../src/oidc/signing-key.ts';
import { createCertificateAuthority } from '../support/certificates.ts';
import { ecKeyPair, privatePem, publicPem, rsaKeyPair } from './keys.ts';

const rsa = rsaKeyPair();
const ec = ecKeyPair();

function relabel(pem: string, label: string): string {
  return pem.replaceAll(/(BEGIN|END) [A-Z ]+(?=-----)/g, `$1 ${label}`);
}

describe('readPublicKeys()', () => {
  test.each([
    { form: 'RSA public key', pem: publicPem(rsa.publicKey), key: rsa },
    { form: 'RSA private key, PKCS #1', pem: privatePem(rsa.privateKey), key: rsa },
    {
      form: 'RSA private key, PKCS #8',
      pem: rsa.privateKey.export({ type: 'pkcs8', format: 'pem' }),
      key: rsa,
    },
    { form: 'EC public key', pem: publicPem(ec.publicKey), key: ec },
    { form: 'EC private key, SEC 1', pem: privatePem(ec.privateKey), key: ec },
    { form: 'key under another label', pem: relabel(publicPem(ec.publicKey), 'SOMETHING'), key: ec },
    { form: 'key with text around it', pem: `subject=x\n${publicPem(ec.publicKey)}the end\n`, key: ec },
    { form: 'key with Windows line ends', pem: publicPem(ec.publicKey).replaceAll('\n', '\r\n'), key: ec },
    { form: 'key without a final newline', pem: publicPem(ec.publicKey).trimEnd(), key: ec },
  ])('reads a $form', ({ pem, key }) => {
    const { keys, passedOver } = readPublicKeys(pem, 'sa.pub');
    expect(keys.map(keyId)).toEqual([keyId(key.publicKey)]);
    expect(passedOver).toEqual([]);
  });

  test.each(['p256', 'rsa'] as const)('reads the key of a certificate (%s)', keyType => {
    const { certificate, key } = createCertificateAuthority({ keyType });
    // The certificate's own key in PKCS #8 gives the same public key where it is RSA.
    const [found] = readPublicKeys(certificate, 'ca.crt').keys;
    expect(found?.asymmetricKeyType).toBe(keyType === 'rsa' ? 'rsa' : 'ec');
    if (keyType === 'rsa') expect(keyId(found ?? rsa.publicKey)).toBe(readPublicKeys(key, 'ca.key').keys.map(keyId)[0]);
  });

  test('reads several keys in the order of the file, and says with the line what it passed over', () => {
    const pkcs8 = ec.privateKey.export({ type: 'pkcs8', format: 'pem' });
    const parameters = '-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n';
    const text = publicPem(ec.publicKey) + parameters + publicPem(rsa.publicKey) + pkcs8;
    const { keys, passedOver } = readPublicKeys(text, 'sa.pub');
    expect(keys.map(keyId)).toEqual([ec, rsa].map(({ publicKey }) => keyId(publicKey)));
    expect(passedOver).toEqual([
      'sa.pub:5: EC PARAMETERS: neither an RSA nor an ECDSA key, nor a certificate',
      'sa.pub:17: PRIVATE KEY: an ECDSA key in PKCS #8, which kube-apiserver reads only as EC PRIVATE KEY ("openssl ec") ' +
        'or as a public key',
    ]);
  });

  const encrypted = rsa.privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' });
  const oldEncrypted = rsa.privateKey.export({ type: 'pkcs1', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' });
  const ed25519 = publicPem(generateKeyPairSync('ed25519').publicKey);
  const secp256k1 = publicPem(generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).publicKey);
  const pss = publicPem(generateKeyPairSync('rsa-pss', { modulusLength: 2048 }).publicKey);
  const neither = 'neither an RSA nor an ECDSA key, nor a certificate';
  test.each([
    { name: 'an empty file', text: '', found: 'no PEM block' },
    { name: 'other text', text: 'ssh-rsa AAAA', found: 'no PEM block' },
    { name: 'a block without its end', text: publicPem(ec.publicKey).slice(0, 90), found: 'no PEM block' },
    {
      name: 'a block that ends as another',
      text: publicPem(ec.publicKey).replace('END PUBLIC', 'END OTHER'),
      found: 'no PEM block',
    },
    { name: 'a block of nothing', text: '-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----\n', found: neither },
    { name: 'a block of noise', text: '-----BEGIN PUBLIC KEY-----\n!!!!\n-----END PUBLIC KEY-----\n', found: neither },
    {
      name: 'PKCS #1 of a public key',
      text: rsa.publicKey.export({ type: 'pkcs1', format: 'pem' }),
      found: neither,
    },
    { name: 'an encrypted key', text: encrypted, found: 'an encrypted key' },
    { name: 'an encrypted key of old form', text: oldEncrypted, found: 'an encrypted key' },
    { name: 'an Ed25519 key', text: ed25519, found: 'a key of type ed25519' },
    { name: 'a key on another curve', text: secp256k1, found: 'a key of type secp256k1' },
    { name: 'an RSA-PSS key', text: pss, found: 'a key of type rsa-pss' },
  ])('throws no_keys for $name', ({ text, found }) => {
    const read = (): unknown => readPublicKeys(text, 'sa.pub');
    expect(read).toThrow(OidcError);
    expect(read).toThrow(/^sa\.pub: expected a PEM file with an RSA or ECDSA key or certificate, found /);
    expect(read).toThrow(found);
  });

  test('reads a file of many beginnings, without going through it anew for each', () => {
    expect(() => readPublicKeys('-----BEGIN A-----\n'.repeat(200_000), 'sa.pub')).toThrow('no PEM block');
  });
});
