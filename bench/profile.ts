/**
 * Where time and memory of our webhook go: `make profile`. Sends reviews of 8 KB as fast as they are answered and writes
 * a CPU profile, a profile of allocations and a heap snapshot to `test-results/`, which Chrome's developer tools open.
 */
import { createWriteStream } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { ownObject, ownString } from '../src/util/json.ts';
import { findFreePorts } from '../test/support/cluster/free-ports.ts';
import { hotSpotsOfCpu, hotSpotsOfHeap, type HotSpot } from './hot-spots.ts';
import { openInspector, type Inspector } from './inspector.ts';
import { prepare } from './measure.ts';
import { exitOnSignals } from './on-exit.ts';
import { startOurWebhook } from './our-webhook.ts';
import { pinToCores } from './pin-to-cores.ts';
import { createReviews } from './reviews.ts';
import { saturate } from './saturated-load.ts';
import { measuredAccount } from './service-accounts.ts';
import { readSettings } from './settings.ts';

const folder = join(import.meta.dirname, '..', 'test-results');
const connections = 16;
/** Between two samples; a review takes about 200. */
const samplingIntervalUs = 100;
const heapIntervalBytes = 16_384;
const shownSpots = 25;

exitOnSignals();
const { seconds, nodeFlags } = readSettings(process.env);
const [port = 0] = await findFreePorts(1);
const { webhookCommand: command } = pinToCores();
const { process: webhook } = await startOurWebhook({
  starts: 1,
  command,
  nodeFlags: [...nodeFlags, `--inspect=127.0.0.1:${port}`],
});
const reviews = createReviews(measuredAccount);
const target = { name: 'irsa-webhook', ...webhook };
await prepare(target, undefined, reviews, text => console.error(text));
await mkdir(folder, { recursive: true });
{
  await using inspector = await openInspector(port);
  await profile(inspector);
}
await webhook.stop();
process.exit();

async function profile(inspector: Inspector): Promise<void> {
  console.error(`CPU profile: ${seconds} s`);
  await inspector.call('Profiler.enable');
  await inspector.call('Profiler.setSamplingInterval', { interval: samplingIntervalUs });
  await inspector.call('Profiler.start');
  await load();
  await write('webhook.cpuprofile', 'CPU time', await inspector.call('Profiler.stop'), hotSpotsOfCpu);
  console.error(`Allocations: ${seconds} s`);
  await inspector.call('HeapProfiler.enable');
  // What was allocated and collected counts too: the tail of the latency is the collector's.
  await inspector.call('HeapProfiler.startSampling', {
    samplingInterval: heapIntervalBytes,
    includeObjectsCollectedByMajorGC: true,
    includeObjectsCollectedByMinorGC: true,
  });
  await load();
  await write('webhook.heapprofile', 'allocated', await inspector.call('HeapProfiler.stopSampling'), hotSpotsOfHeap);
  await writeSnapshot(inspector);
}

async function load(): Promise<void> {
  const usual = reviews.find(({ name }) => name === '8 KB');
  if (usual === undefined) throw new RangeError('expected a review of 8 KB');
  await saturate(target, usual.body, { connections, warmUpMs: 0, measuredMs: seconds * 1_000 });
}

async function write(
  name: string,
  what: string,
  answer: { readonly [key: string]: unknown },
  rank: (profile: { readonly [key: string]: unknown }) => readonly HotSpot[],
): Promise<void> {
  const result = ownObject(answer, 'profile') ?? {};
  await writeFile(join(folder, name), JSON.stringify(result));
  const lines = rank(result)
    .slice(0, shownSpots)
    .map(spot => `${(spot.share * 100).toFixed(1).padStart(6)} %  ${spot.name}`);
  console.log(`\n${what}, callees not counted (test-results/${name})\n${lines.join('\n')}`);
}

async function writeSnapshot(inspector: Inspector): Promise<void> {
  const path = join(folder, 'webhook.heapsnapshot');
  const file = createWriteStream(path);
  inspector.on('HeapProfiler.addHeapSnapshotChunk', params => file.write(ownString(params, 'chunk') ?? ''));
  await inspector.call('HeapProfiler.takeHeapSnapshot', { reportProgress: false });
  file.end();
  await finished(file);
  console.log('\nHeap snapshot: test-results/webhook.heapsnapshot');
}
