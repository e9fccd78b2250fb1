import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { describe, expect, test } from 'vitest';
import { irsaProgram, type IrsaResult } from '../../support/run-irsa.ts';
import { createTempFolder } from '../../support/temp-folder.ts';
import {
  accountsPerNamespace,
  largePod,
  podsPerDeployment,
  serveLargeCluster,
  serviceAccount,
} from './large-cluster.ts';

const pods = 20_000;
/**
 * Of 8 kB each the pods take 160 MB, and 270 MB as kubectl prints them. Measured: 210 MB resident for the cluster, 240 MB for
 * the dump; a program that kept them would take 600 MB and more.
 */
const maxResidentBytes = 400 * 1024 * 1024;
const namespaces = 20;
const deployments = pods / podsPerDeployment;

/** Far more than it takes on two busy cores; one that hangs still ends. */
const timeoutMs = 5 * 60_000;

/** Runs the program and gives beside its result the most memory that it had resident, in bytes. */
async function runMeasured(
  args: readonly string[],
  folder: string,
): Promise<IrsaResult & { readonly peakBytes: number }> {
  const peakPath = join(folder, 'peak');
  const child = spawn(
    process.execPath,
    [`--import=${new URL('report-peak.ts', import.meta.url).href}`, irsaProgram, ...args],
    {
      env: { PATH: process.env['PATH'], HOME: '/nonexistent', PEAK_FILE: peakPath },
      timeout: timeoutMs,
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { code, stdout, stderr, peakBytes: Number(await readFile(peakPath, 'utf8')) * 1024 };
}

/** Every second Deployment lacks its identity. */
function expectRightTotals({ code, stdout }: IrsaResult): void {
  expect(code).toBe(1);
  const { totals, findings, accounts } = JSON.parse(stdout);
  expect(totals).toMatchObject({
    pods,
    podsWithIdentity: pods,
    podsWithFindings: pods / 2,
    findings: { error: deployments / 2, warning: 0, info: 0 },
    accounts: namespaces * accountsPerNamespace,
    roles: 1,
  });
  for (const { code: finding, pods: names } of findings) {
    expect(finding).toBe('IRSA001');
    expect(names).toHaveLength(podsPerDeployment);
  }
  expect(accounts.reduce((sum: number, account: { pods: number }) => sum + account.pods, 0)).toBe(pods);
}

describe('irsa audit of 20,000 pods', { timeout: timeoutMs }, () => {
  test('reads a cluster page by page, in bounded memory', async () => {
    await using folder = await createTempFolder();
    await using cluster = await serveLargeCluster(pods);
    const kubeconfig = await folder.write('kubeconfig', cluster.kubeconfig);
    const result = await runMeasured(['audit', '-A', '--kubeconfig', kubeconfig, '-o', 'json'], folder.path);
    expectRightTotals(result);
    expect(result.peakBytes).toBeLessThan(maxResidentBytes);
    expect(Math.max(...cluster.pages)).toBeLessThanOrEqual(500);
  });

  test('reads a dump object by object, in bounded memory', async () => {
    await using folder = await createTempFolder();
    const path = join(folder.path, 'dump.json');
    await pipeline(Readable.from(dumpText()), createWriteStream(path));
    const result = await runMeasured(['audit', '-f', path, '-o', 'json'], folder.path);
    expectRightTotals(result);
    expect(result.peakBytes).toBeLessThan(maxResidentBytes);
  });
});

/** As `kubectl get pods,serviceaccounts -A -o json` prints it. */
function* dumpText(): Generator<string> {
  yield '{\n    "apiVersion": "v1",\n    "items": [\n';
  for (let index = 0; index < pods; index += 1) yield `${itemText('Pod', largePod(index))},\n`;
  for (let index = 0; index < namespaces * accountsPerNamespace; index += 1) {
    yield `${index === 0 ? '' : ',\n'}${itemText('ServiceAccount', serviceAccount(index))}`;
  }
  yield '\n    ],\n    "kind": "List"\n}\n';
}

function itemText(kind: string, object: object): string {
  return JSON.stringify({ apiVersion: 'v1', kind, ...object }, null, 4);
}
