import { setTimeout as delay } from 'node:timers/promises';
import { waitFor } from '../support/wait-for.ts';
import { startApiProxy, type ApiProxy } from './support/api-proxy.ts';
import { figureOf, type Fault } from './support/fault.ts';
import { byForm } from './support/lab.ts';
import { startSelfManaged, type SelfManagedService } from './support/self-managed.ts';
import { startLoad } from './support/load.ts';
import { sum } from './support/tally.ts';

const minuteMs = 60_000;
/** Of an hour a third is left. */
const nearingEndMs = 41 * minuteMs;
/** The life of a leaf later nothing is signed by the old authority any more. What was signed is still valid by the API server's own clock. */
const retiredMs = nearingEndMs + 14 * minuteMs;
const timeoutMs = 90_000;

/** One rotation, step by step: the clock that the replicas go by, the API server's, is set forward. */
async function rotate(running: SelfManagedService, proxy: ApiProxy): Promise<void> {
  const before = await running.authority();
  proxy.clockAheadMs = nearingEndMs;
  await waitFor(async () => (await running.trusted()).length === 2, { what: 'both to be published', timeoutMs });
  await waitFor(async () => (await running.authority()) !== before, { what: 'the new one to sign', timeoutMs });
  const hasNewLeaf = (): boolean =>
    running.service.replicas.every(replica =>
      replica.log().some(line => line.msg === 'Serving certificate issued.' && line['reason'] === 'issuer_replaced'),
    );
  await waitFor(hasNewLeaf, { what: 'both replicas to serve what it signed', timeoutMs });
  await delay(1_000);
  proxy.clockAheadMs = retiredMs;
  await waitFor(async () => (await running.trusted()).length === 1, { what: 'the old one to go', timeoutMs });
  await delay(1_000);
}

export const authorityRotation: Fault = {
  row: 8,
  name: 'rotation of the authority (self-managed)',
  behaviour:
    'the new authority is published beside the old one, signs after `--ca-settle-time`, and the old one leaves when nothing that it signed can be in use',
  expected: '0',
  isShort: false,
  waits: true,
  async run(lab) {
    const rotations = byForm(lab, { short: 1, usual: 3, long: 20 });
    const tallies = [];
    for (let rotation = 0; rotation < rotations; rotation += 1) {
      await using proxy = await startApiProxy(lab.cluster);
      await using running = await startSelfManaged(lab, { name: `faults-authority-${rotation}`, proxy });
      const load = startLoad(20, () => running.service.pod());
      await rotate(running, proxy);
      tallies.push(await load.stop());
    }
    return figureOf(sum(tallies), `${rotations} rotations ${tallies.map(tally => tally.causes()).join(' ')}`);
  },
};
