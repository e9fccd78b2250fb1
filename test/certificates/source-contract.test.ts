import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { describe } from 'vitest';
import { createCertificateFiles } from '../../src/certificates/certificate-files.ts';
import { createCertificateAuthority } from '../support/certificates.ts';
import { createTempFolder } from '../support/temp-folder.ts';
import { waitFor } from '../support/wait-for.ts';
import { configurationName, FakeApi, secretPath } from './self-managed/fake-api.ts';
import { AuthorityRecorder, createAuthority } from './self-managed/running-authority.ts';
import { encode } from './self-managed/webhook-objects.ts';
import { testSourceContract, type SourceUnderTest } from './source-contract.ts';

async function createFiles(): Promise<SourceUnderTest> {
  const folder = await createTempFolder();
  const authority = createCertificateAuthority();
  let readings = 0;
  const source = createCertificateFiles({
    certificatePath: join(folder.path, 'tls.crt'),
    keyPath: join(folder.path, 'tls.key'),
    ...{ pollMs: 20, settleMs: 5, now: Date.now, log: new AuthorityRecorder() },
    observer: {
      certificateRead: () => (readings += 1),
      certificateReadFailed: () => undefined,
      certificateInUse: () => undefined,
    },
  });
  const write = async (name: string, text: string): Promise<void> =>
    rename(await folder.write(`${name}.new`, text), join(folder.path, name));
  return {
    source,
    async provide() {
      const { certificate, key } = authority.issue();
      await write('tls.crt', certificate);
      await write('tls.key', key);
    },
    async spoil() {
      await write('tls.crt', 'garbage');
      const spoilt = readings;
      // The reading under way may have begun before.
      await waitFor(() => readings > spoilt + 1, { what: 'the files to be read again' });
    },
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

async function createSelfManaged(): Promise<SourceUnderTest> {
  const api = await FakeApi.start();
  const isDown = { status: 500, reason: 'InternalError' };
  api.refuse = () => isDown;
  const { source } = await createAuthority(api.connection('only'), {
    webhookConfigurationName: configurationName,
    ...{ settleMs: 30, pollMs: 20 },
  });
  return {
    source,
    async provide() {
      const { certificate, key } = createCertificateAuthority({ notAfter: new Date('2036-01-01') });
      const data = { 'ca.crt': encode(certificate), 'ca.key': encode(key) };
      api.set(secretPath, { metadata: { name: 'irsa-webhook-ca' }, data });
      api.refuse = () => undefined;
    },
    async spoil() {
      api.refuse = () => isDown;
      api.set(secretPath, { metadata: { name: 'irsa-webhook-ca' }, data: { 'ca.crt': encode('garbage') } });
      const spoilt = api.requests.length;
      // Two of one reading, and one of the next.
      await waitFor(() => api.requests.length > spoilt + 3, { what: 'the API to be asked again' });
    },
    [Symbol.asyncDispose]: () => api[Symbol.asyncDispose](),
  };
}

describe('createCertificateFiles() as a source of certificates', () => {
  testSourceContract(createFiles);
});

describe('createSelfManagedCertificates() as a source of certificates', () => {
  testSourceContract(createSelfManaged);
});
