import { describe, expect, test } from 'vitest';
import { readTrustedCertificate, type TrustedCertificate } from '../../../src/certificates/self-managed/authority.ts';
import {
  bundlePatch,
  readPublishedBundle,
  trustedAnywhere,
  trustedEverywhere,
  type PublishedBundle,
} from '../../../src/certificates/self-managed/webhook-configuration.ts';
import { createCertificateAuthority } from '../../support/certificates.ts';
import { namespace, serviceName } from './running-authority.ts';
import { encode, webhookConfiguration, type EntryOptions } from './webhook-objects.ts';

const one = certificate();
const two = certificate();
const service = { namespace, name: serviceName };
const others: EntryOptions = { service: { namespace, name: 'other' }, caBundle: two.certificate };

function certificate(): TrustedCertificate {
  const read = readTrustedCertificate(createCertificateAuthority().certificate);
  if (read === undefined) throw new Error('expected a certificate');
  return read;
}

function bundleOf(...entries: readonly EntryOptions[]): PublishedBundle {
  const configuration = webhookConfiguration('irsa-webhook', entries);
  return readPublishedBundle({ ...configuration, metadata: { resourceVersion: '7' } }, service);
}

describe('readPublishedBundle()', () => {
  test('finds the entries for our Service, and no others', () => {
    const bundle = bundleOf(
      { caBundle: one.certificate },
      others,
      {},
      { service: { namespace: 'other', name: serviceName } },
    );
    expect(bundle).toMatchObject({ resourceVersion: '7', entries: [{ index: 0 }, { index: 2 }] });
  });

  test.each([
    {},
    { webhooks: null },
    { webhooks: 'x' },
    { webhooks: [null, 7, 'x', {}, { clientConfig: [] }, { clientConfig: { url: 'https://irsa-webhook' } }] },
    { webhooks: [{ clientConfig: { service: { namespace } } }, { clientConfig: { service: null } }] },
  ])('finds none in %j', configuration => {
    expect(readPublishedBundle(configuration, service).entries).toEqual([]);
  });
});

describe('trustedEverywhere() and trustedAnywhere()', () => {
  test.each([
    { name: 'no entry of ours', entries: [others], everywhere: [], anywhere: [] },
    { name: 'no bundle', entries: [{}, {}], everywhere: [], anywhere: [] },
    {
      name: 'one in both',
      entries: [{ caBundle: one.certificate }, { caBundle: one.certificate }],
      everywhere: [one],
      anywhere: [one, one],
    },
    { name: 'one in one', entries: [{ caBundle: one.certificate }, {}], everywhere: [], anywhere: [one] },
    {
      name: 'two in one, one in the other',
      entries: [{ caBundle: one.certificate + two.certificate }, { caBundle: two.certificate }],
      everywhere: [two],
      anywhere: [one, two, two],
    },
    {
      name: 'garbage beside one',
      entries: [{ caBundle: `garbage\n${one.certificate}` }],
      everywhere: [one],
      anywhere: [one],
    },
  ])('give what is trusted by $name', ({ entries, everywhere, anywhere }) => {
    const bundle = bundleOf(...entries);
    expect([...trustedEverywhere(bundle)]).toEqual(everywhere.map(({ fingerprint }) => fingerprint));
    expect(trustedAnywhere(bundle)).toEqual(anywhere);
  });
});

describe('bundlePatch()', () => {
  const bothPem = one.certificate + two.certificate;
  const set = (index: number, value = encode(bothPem)): object => {
    return { op: 'add', path: `/webhooks/${index}/clientConfig/caBundle`, value };
  };

  test.each([
    { name: 'there is none', entries: [{}], expected: [set(0)] },
    { name: 'it lacks one', entries: [{ caBundle: one.certificate }], expected: [set(0)] },
    { name: 'it has another', entries: [{ caBundle: bothPem + certificate().certificate }], expected: [set(0)] },
    { name: 'it is garbage', entries: [{ caBundle: 'garbage' }], expected: [set(0)] },
    {
      name: 'it has half a certificate more',
      entries: [{ caBundle: `${bothPem}-----BEGIN CERTIFICATE-----\nAA` }],
      expected: [set(0)],
    },
    { name: 'one of ours is right', entries: [{ caBundle: bothPem }, others, {}], expected: [set(2)] },
  ])(
    'sets the bundle when $name, in our entries only, and only as the configuration was read',
    ({ entries, expected }) => {
      const test = { op: 'test', path: '/metadata/resourceVersion', value: '7' };
      expect(bundlePatch(bundleOf(...entries), [one, two])).toEqual([test, ...expected]);
    },
  );

  test.each([
    { name: 'it is right', entries: [{ caBundle: bothPem }] },
    { name: 'it is in another order', entries: [{ caBundle: two.certificate + one.certificate }] },
    { name: 'it has one twice', entries: [{ caBundle: bothPem + one.certificate }] },
    { name: 'it has comments', entries: [{ caBundle: `# ours\n${bothPem}` }] },
    { name: 'there is no entry of ours', entries: [others] },
  ])('does nothing when $name', ({ entries }) => {
    expect(bundlePatch(bundleOf(...entries), [one, two])).toEqual([]);
  });
});
