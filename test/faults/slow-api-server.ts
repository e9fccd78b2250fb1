import { setTimeout as delay } from 'node:timers/promises';
import { startApiProxy, type ApiProxy } from './support/api-proxy.ts';
import { figureOf, type Fault } from './support/fault.ts';
import { byForm } from './support/lab.ts';
import { startService } from './support/service.ts';
import { sum } from './support/tally.ts';

const replicas = 2;
const perSecond = 1;

interface Trouble {
  readonly name: string;
  readonly begin: (proxy: ApiProxy) => void;
}

const troubles: readonly Trouble[] = [
  { name: '5 s for each answer', begin: proxy => void (proxy.delayMs = 5_000) },
  {
    name: '429 with Retry-After: 2',
    begin: proxy => void (proxy.refuse = () => ({ status: 429, reason: 'TooManyRequests', retryAfterSeconds: 2 })),
  },
  { name: '500', begin: proxy => void (proxy.refuse = () => ({ status: 500, reason: 'InternalError' })) },
];

export const slowApiServer: Fault = {
  row: 14,
  name: 'an API server that is slow, or answers 429 or 500',
  behaviour: 'what is known is served; the watch is tried again with growing pauses, or when Retry-After says',
  expected: '0; ≤ 1 request a second and replica',
  isShort: false,
  waits: true,
  async run(lab) {
    await using proxy = await startApiProxy(lab.cluster);
    await using service = await startService(lab, { name: 'faults-slow-api', proxy });
    const loads = service.load(5, 20);
    const seconds = byForm(lab, { short: 5, usual: 25, long: 300 });
    const rates: string[] = [];
    const misses: string[] = [];
    for (const { name, begin } of troubles) {
      begin(proxy);
      proxy.expireWatches();
      const before = proxy.requests.length;
      await delay(seconds * 1_000);
      const rate = (proxy.requests.length - before) / seconds / replicas;
      rates.push(`${name}: ${rate.toFixed(2)}/s`);
      if (rate > perSecond) misses.push(`${rate.toFixed(2)} requests a second with ${name}`);
      proxy.delayMs = 0;
      proxy.refuse = () => undefined;
      await Promise.all(service.replicas.map(replica => replica.ready()));
    }
    const tallies = await Promise.all(loads.map(load => load.stop()));
    const detail = `requests by each replica, ${rates.join(', ')} ${tallies.map(tally => tally.causes()).join(' ')}`;
    return figureOf(sum(tallies), detail, misses);
  },
};
