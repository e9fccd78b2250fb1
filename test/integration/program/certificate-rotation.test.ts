import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:tls';
import { describe, expect, test } from 'vitest';
import type { IssuedCertificate } from '../../support/certificates.ts';
import { waitFor } from '../../support/wait-for.ts';
import type { WebhookProcess } from '../../support/webhook-process.ts';
import { startProgram } from './program-on-fake-api.ts';
import { startLoad } from './reviews.ts';

const fingerprintOf = ({ certificate }: IssuedCertificate): string => new X509Certificate(certificate).fingerprint256;

/** The fingerprint of the certificate that a new connection gets. */
async function servedFingerprint({ port, caBundle }: WebhookProcess): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port, ca: caBundle });
  try {
    await once(socket, 'secureConnect');
    return socket.getPeerCertificate().fingerprint256;
  } finally {
    socket.destroy();
  }
}

async function isServed(webhook: WebhookProcess, pair: IssuedCertificate): Promise<void> {
  const isThere = async (): Promise<boolean> => (await servedFingerprint(webhook)) === fingerprintOf(pair);
  await waitFor(isThere, { what: 'the new certificate to be served', timeoutMs: 30_000 });
}

describe('irsa serve', () => {
  test('takes each new certificate from its volume under load, without a failed review (E140)', async () => {
    await using program = await startProgram();
    const { webhook } = program;
    const load = startLoad(webhook);
    for (let rotation = 0; rotation < 10; rotation += 1) {
      const keyType = rotation % 2 === 0 ? 'rsa' : 'p256';
      const pair = webhook.authority.issue({ keyType });
      const before = load.answered;
      await webhook.rotateCertificate(pair);
      await isServed(webhook, pair);
      await waitFor(() => load.answered > before + 10, { what: 'load' });
    }
    expect(await load.stop()).toEqual([]);
  });

  test('keeps its certificate when the new one is of no use, says so, and takes the next good one (E140)', async () => {
    await using program = await startProgram({ flags: ['--tls-reload-interval=1s'] });
    const { webhook } = program;
    const before = await servedFingerprint(webhook);
    const [one, other] = [webhook.authority.issue(), webhook.authority.issue()];
    await webhook.rotateCertificate({ certificate: one.certificate, key: other.key });
    await webhook.logged({
      level: 'warn',
      msg: 'New certificate refused, the previous one stays in use.',
      problem: 'key_mismatch',
    });
    await webhook.rotateCertificate({ certificate: one.certificate.slice(0, 200), key: one.key });
    await webhook.logged({ level: 'warn', problem: 'certificate_truncated' });
    expect(await servedFingerprint(webhook)).toBe(before);
    expect((await webhook.ask('/readyz')).status).toBe(200);
    await webhook.rotateCertificate(other);
    await isServed(webhook, other);
  });
});
