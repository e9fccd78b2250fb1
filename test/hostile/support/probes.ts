import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { startLoad, type Load } from '../../faults/support/load.ts';
import type { Outcome } from '../../faults/support/tally.ts';

export interface ProbeOptions {
  readonly port: number;
  /** The address that they come from. */
  readonly localAddress: string;
  readonly timeoutMs: number;
}

const paths = ['/readyz', '/livez'] as const;

/** Probes as a kubelet does: each second one for readiness and one for life, each on a connection of its own. */
export function startProbes(options: ProbeOptions): Load {
  let probes = 0;
  return startLoad(paths.length, () => probe(options, paths[(probes += 1) % paths.length] ?? '/livez'));
}

/** What is lost has failed. */
async function probe({ timeoutMs, ...options }: ProbeOptions, path: string): Promise<Outcome> {
  const signal = AbortSignal.timeout(timeoutMs);
  const sent = get({ host: '127.0.0.1', ...options, path, agent: false, signal });
  const [response]: IncomingMessage[] = await once(sent, 'response');
  response?.resume();
  const status = response?.statusCode ?? 0;
  return status === 200 ? { kind: 'mutated' } : { kind: 'failed', cause: `${path} answered ${status}` };
}
