import { setTimeout as delay } from 'node:timers/promises';
import { waitFor } from '../support/wait-for.ts';
import { startApiProxy } from './support/api-proxy.ts';
import { figureOf, type Fault } from './support/fault.ts';
import { startLoad } from './support/load.ts';
import { servedCertificate } from './support/served-certificate.ts';
import { startSelfManaged } from './support/self-managed.ts';
import { sum, Tally } from './support/tally.ts';

/** The longest that a process may go by its old certificate after it goes on: it looks at the clock every 10 s. */
const renewedMs = 15_000;
const minuteMs = 60_000;

export const stoppedProcess: Fault = {
  row: 22,
  name: 'a replica is stopped for hours (a paused machine), or clocks differ',
  behaviour:
    "certificates are renewed by the wall clock, which is looked at every 10 s, and are valid from an hour before; the clock is the API server's",
  expected: '0; ≤ 15 s until what had expired meanwhile is renewed',
  isShort: false,
  waits: true,
  async run(lab) {
    await using proxy = await startApiProxy(lab.cluster);
    await using running = await startSelfManaged(lab, { name: 'faults-stopped', proxy });
    const { service, servername } = running;
    const [stopped] = service.replicas;
    if (stopped === undefined) throw new Error('expected a replica');
    const expiry = async (): Promise<number> =>
      Date.parse((await servedCertificate({ port: stopped.port, servername })).valid_to);
    const first = await expiry();
    stopped.signal('SIGSTOP');
    await delay(3_000);
    // What the pause is: its certificate, of ten minutes, has expired by now.
    proxy.clockAheadMs = 30 * minuteMs;
    stopped.signal('SIGCONT');
    const load = startLoad(20, () => service.pod());
    const startMs = performance.now();
    await waitFor(async () => (await expiry()) > first, { what: 'a new certificate', timeoutMs: 60_000 });
    const tookMs = performance.now() - startMs;
    await service.balanced(2);
    const handshakes = new Tally();
    for (let index = 0; index < 50; index += 1) {
      const ca = await running.bundle();
      const isValid = servedCertificate({ port: stopped.port, ca, servername }).then(
        ({ valid_to: to }) => Date.parse(to) > Date.now() + proxy.clockAheadMs,
      );
      await handshakes.count(isValid.then(valid => ({ kind: valid ? 'mutated' : 'unmutated' })));
    }
    const tallies = [await load.stop(), handshakes];
    const detail = `renewed ${(tookMs / 1_000).toFixed(1)} s after it went on`;
    return figureOf(sum(tallies), `${detail} ${tallies.map(tally => tally.causes()).join(' ')}`, [
      tookMs > renewedMs && 'renewed too late',
    ]);
  },
};
