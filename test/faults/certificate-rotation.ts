import { X509Certificate } from 'node:crypto';
import { waitFor } from '../support/wait-for.ts';
import { figureOf, type Fault } from './support/fault.ts';
import { byForm } from './support/lab.ts';
import { startLoad } from './support/load.ts';
import { servedCertificate } from './support/served-certificate.ts';
import { startService, type Service } from './support/service.ts';
import { sum } from './support/tally.ts';

async function swap(service: Service, keyType: 'rsa' | 'p256'): Promise<void> {
  const pair = service.authority.issue({ keyType });
  const { fingerprint256 } = new X509Certificate(pair.certificate);
  await service.rotateCertificate(pair);
  for (const { port } of service.replicas) {
    const isServed = async (): Promise<boolean> =>
      (await servedCertificate({ port, ca: service.caBundle })).fingerprint256 === fingerprint256;
    await waitFor(isServed, { what: 'the new certificate', timeoutMs: 30_000 });
  }
}

export const certificateRotation: Fault = {
  row: 6,
  name: 'rotation of the certificate under load',
  behaviour: 'new connections get the new one, those that are open stay open',
  expected: '0',
  isShort: true,
  waits: false,
  async run(lab) {
    await using service = await startService(lab, { name: 'faults-rotation' });
    const [pods, kept] = service.load(20, 100);
    const onNewConnections = startLoad(50, () => service.reviewAlone());
    const swaps = byForm(lab, { short: 10, usual: 100, long: 2_000 });
    for (let index = 0; index < swaps; index += 1) await swap(service, index % 2 === 0 ? 'rsa' : 'p256');
    const tallies = await Promise.all([pods, kept, onNewConnections].map(load => load.stop()));
    const causes = tallies.map(tally => tally.causes()).join(' ');
    return figureOf(sum(tallies), `${swaps} swaps, ${tallies[2]?.sent} on new connections ${causes}`);
  },
};
