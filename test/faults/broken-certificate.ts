import type { CertificateProblemCode } from '../../src/certificates/check-certificate.ts';
import { waitFor } from '../support/wait-for.ts';
import type { IssuedCertificate } from '../support/certificates.ts';
import { figureOf, type Fault } from './support/fault.ts';
import { startLoad } from './support/load.ts';
import { startService, type Service } from './support/service.ts';
import { sum } from './support/tally.ts';

const noticedMs = 60_000;

/** Pairs that no client could use, and what is said of each. */
function brokenPairs({ authority }: Service): readonly (readonly [CertificateProblemCode, IssuedCertificate])[] {
  const [one, other] = [authority.issue(), authority.issue({ keyType: 'rsa' })];
  const expired = authority.issue({ notAfter: new Date(Date.now() - 60_000) });
  const early = authority.issue({ notBefore: new Date(Date.now() + 3_600_000) });
  return [
    ['key_mismatch', { certificate: one.certificate, key: other.key }],
    ['certificate_truncated', { certificate: one.certificate.slice(0, 200), key: one.key }],
    ['certificate_expired', expired],
    ['certificate_not_yet_valid', early],
    ['key_missing', { certificate: one.certificate, key: '' }],
  ];
}

export const brokenCertificate: Fault = {
  row: 7,
  name: 'a new certificate that is of no use',
  behaviour:
    'another key, truncated, expired, not yet valid, no key: refused with a warning and counted, the one in use stays (a certificate for another name is not noticed: nothing says by which name the API server calls)',
  expected: '0; told within 1 min',
  isShort: true,
  waits: false,
  async run(lab) {
    await using service = await startService(lab, {
      name: 'faults-broken-certificate',
      flags: ['--tls-reload-interval=1s'],
    });
    const [pods, reviews] = service.load(20, 50);
    const handshakes = startLoad(50, () => service.reviewAlone());
    let slowestMs = 0;
    const pairs = brokenPairs(service);
    for (const [problem, pair] of pairs) {
      const startMs = performance.now();
      await service.rotateCertificate(pair);
      for (const replica of service.replicas) {
        const isTold = (): boolean => replica.log().some(line => line['problem'] === problem);
        await waitFor(isTold, { what: `the replica to say ${problem}`, timeoutMs: noticedMs });
      }
      slowestMs = Math.max(slowestMs, performance.now() - startMs);
    }
    const counts = await Promise.all(
      service.replicas.map(replica => replica.metric('certwatcher_read_certificate_errors_total')),
    );
    await service.rotateCertificate();
    const tallies = await Promise.all([pods, reviews, handshakes].map(load => load.stop()));
    const detail = `${pairs.length} kinds, told within ${(slowestMs / 1_000).toFixed(1)} s ${tallies.map(tally => tally.causes()).join(' ')}`;
    return figureOf(sum(tallies), detail, [
      counts.some(count => (count ?? 0) < pairs.length) && 'the metric lacks some',
    ]);
  },
};
