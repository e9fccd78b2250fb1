/**
 * Our webhook on clusters of growing size: `make bench-scale`, or `make bench-scale SIZES='1000 10000'`. Real etcd and
 * kube-apiserver on this machine, which needs Go the first time. The table goes to standard output, all figures to
 * `test-results/bench-scale.json`.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createServiceAccounts, withRole } from '../test/apiserver/pods.ts';
import { connect } from '../test/support/cluster/client.ts';
import { startCluster } from '../test/support/cluster/cluster.ts';
import { createNamespace } from '../test/support/cluster/objects.ts';
import { scaleCharts, writeCharts } from './charts.ts';
import { describeMachine } from './machine.ts';
import { exitOnSignals } from './on-exit.ts';
import { measureScale, type ScaleResult } from './measure-scale.ts';
import { formatTable } from './table.ts';

const resultPath = join(import.meta.dirname, '..', 'test-results', 'bench-scale.json');
const usualSizes = '1000 10000 50000 100000';
/** One ServiceAccount in so many has a role. */
const annotatedEvery = 10;
const tenants = 'tenants';

/** Throws a RangeError that names the variable. */
function readSizes(text: string): readonly number[] {
  const sizes = text.split(' ').map(Number);
  if (sizes.every((size, index) => Number.isInteger(size) && size > (sizes[index - 1] ?? 0))) return sizes;
  throw new RangeError(`SIZES: expected ascending whole numbers such as "${usualSizes}", found "${text}"`);
}

function format(results: readonly ScaleResult[]): string {
  const number = (value: number | undefined, digits = 0): string =>
    value?.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits }) ?? '–';
  const rows = results.map(result => [
    number(result.accounts),
    number(result.listeningMs),
    number(result.readyMs),
    number(result.peakMiB),
    number(result.settledMiB),
    number(result.anonymousMiB),
    number(result.heapMiB, 1),
    number(result.seenMs.p50, 1),
    number(result.seenMs.max, 1),
    number(result.podsPerSecond.without),
    number(result.podsPerSecond.with),
    number(result.missed),
  ]);
  const titles = ['accounts', 'listening ms', 'ready ms', 'peak MiB', 'settled MiB', 'anonymous MiB', 'heap MiB'];
  return formatTable([...titles, 'seen ms p50', 'seen ms max', 'pods/s without', 'pods/s with', 'missed'], rows, 0);
}

const explanation = `
listening, ready: from the start of the process, medians of 3 starts. peak: the most memory that was ever resident. settled: 10 s
after it was ready, resident, anonymous, and the used heap of V8. seen: from the API server's answer to a change of a role until
a pod gets the new one. pods/s: created by 16 clients at once without the hook and with it. missed: pods without their role.`;

exitOnSignals();
const sizes = readSizes(process.env['SIZES'] || usualSizes);
console.error('Starting etcd and kube-apiserver');
await using cluster = await startCluster();
using admin = connect({ ...cluster, token: cluster.adminToken });
await createNamespace(admin, tenants);
const results: ScaleResult[] = [];
let created = 0;
for (const accounts of sizes) {
  console.error(`${accounts} ServiceAccounts: creating`);
  const names = Array.from({ length: accounts - created }, (_, index) => `account-${created + index}`);
  await createServiceAccounts(admin, tenants, names, name =>
    Number(name.slice('account-'.length)) % annotatedEvery === 0 ? withRole(name) : {},
  );
  created = accounts;
  console.error(`${accounts} ServiceAccounts: measuring`);
  results.push(await measureScale({ admin, cluster, tenants, accounts }));
}
console.log(`irsa-webhook on a real API server\n\nMachine: ${describeMachine()}\n\n${format(results)}\n${explanation}`);
await mkdir(join(resultPath, '..'), { recursive: true });
await writeCharts(scaleCharts(results), process.env['CHARTS'] || join(resultPath, '..', 'charts'));
await writeFile(resultPath, JSON.stringify({ machine: describeMachine(), results }, undefined, 2));
