import { setTimeout as delay } from 'node:timers/promises';
import { createServiceAccounts, withRole } from '../apiserver/pods.ts';
import { waitFor } from '../support/wait-for.ts';
import { startApiProxy } from './support/api-proxy.ts';
import { figureOf, type Fault } from './support/fault.ts';
import { allowance } from './support/lab.ts';
import { startService } from './support/service.ts';
import { Tally } from './support/tally.ts';

const reviews = 20;
const drainMs = 500;
/** Longer than the drain, shorter than the 2 s that a review waits for the API server. */
const answerMs = 1_300;
const exitMs = drainMs + 5_000;

export const sigtermInFlight: Fault = {
  row: 2,
  name: 'SIGTERM with reviews in flight',
  behaviour: 'all are answered, also those that wait for the API server; then it exits with 0',
  expected: '0; exit 0 within the drain and 5 s',
  isShort: true,
  waits: false,
  async run(lab) {
    await using proxy = await startApiProxy(lab.cluster);
    const flags = [`--drain-period=${drainMs}ms`];
    const options = { name: 'faults-sigterm', replicas: 0, flags, proxy, isRegistered: false };
    await using service = await startService(lab, options);
    const names = Array.from({ length: reviews }, (_, index) => `held-${index}`);
    await createServiceAccounts(lab.admin, service.namespace, names, withRole);
    // Nothing is cached, so that each is read live, and each reading takes its time.
    proxy.refuse = ({ path }) => (path.endsWith('/serviceaccounts') ? { status: 500, reason: 'Down' } : undefined);
    proxy.hold = ({ path }) => (path.endsWith('/serviceaccounts') ? undefined : delay(answerMs));
    const replica = await service.launch({}, 'listening');
    await service.balanced(1);
    const tally = new Tally();
    const sent = names.map(name => tally.count(service.review(name)));
    const reads = (): number => proxy.requests.filter(({ path }) => path.includes('/serviceaccounts/held-')).length;
    await waitFor(() => reads() === reviews, { what: 'the reviews to wait' });
    const startMs = performance.now();
    const { code } = await replica.stop('SIGTERM');
    const tookMs = performance.now() - startMs;
    await Promise.all(sent);
    return figureOf(tally, `exit ${code} after ${(tookMs / 1_000).toFixed(1)} s ${tally.causes()}`, [
      code !== 0 && `exit ${code}`,
      tookMs > exitMs * allowance() && 'the end took too long',
    ]);
  },
};
