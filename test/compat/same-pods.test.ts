import { isDeepStrictEqual } from 'node:util';
import * as fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { createNamespace, createServiceAccount } from '../support/cluster/objects.ts';
import { describeOnCluster } from '../support/cluster/shared-cluster.ts';
import { createWebhookAccount } from '../support/cluster/webhook-account.ts';
import { startWebhook } from '../support/webhook-process.ts';
import { startAwsWebhook } from './aws-webhook.ts';
import { differences } from './differences.ts';
import { accounts, ordinaryPod } from './pod-arbitrary.ts';
import { createComparison, describePair } from './compare-pods.ts';

/** `make compat PODS=` and `SEED=` repeat a run. */
const pods = Number(process.env['PODS'] || 4_000);
const seed = Number(process.env['SEED'] || 0) || Math.floor(Math.random() * 2 ** 31);
const inFlight = 16;
const namespace = 'same-pods';
const prefix = 'eks.amazonaws.com';

/** How both are started. */
const settings: readonly { readonly name: string; readonly flags: readonly string[] }[] = [
  { name: 'the flags that manifests have', flags: ['--annotation-prefix=eks.amazonaws.com'] },
  {
    name: 'a region, regional endpoints and an hour',
    flags: ['--aws-default-region=eu-west-1', '--sts-regional-endpoint=true', '--token-expiration=3600'],
  },
];

describeOnCluster('the AWS webhook v0.6.17 and this one', (cluster, admin) => {
  beforeAll(async () => {
    await createNamespace(admin, namespace);
    for (const [name, annotations] of Object.entries(accounts)) {
      const entries = Object.entries(annotations).map(([key, value]) => [`${prefix}/${key}`, value]);
      await createServiceAccount(admin, namespace, name, Object.fromEntries(entries));
    }
  });

  let credentials: string;
  beforeAll(async () => {
    const account = await createWebhookAccount(admin, cluster, { namespace });
    credentials = account.folder;
    return () => account[Symbol.asyncDispose]();
  });

  test.each(settings)(
    'E250: give the same pods but for the documented differences, with $name',
    async ({ flags }) => {
      await using aws = await startAwsWebhook(cluster.kubeconfig, flags);
      await using own = await startWebhook({ apiServer: cluster.url, credentials, flags });
      using comparison = createComparison(admin, namespace, { aws, own: { url: own.url, ca: own.caBundle } });
      let compared = 0;
      const refused: string[] = [];
      const unexplained: string[] = [];
      const met = new Map<string, number>();
      console.log(`SEED=${seed}`);
      const queue = fc.sample(ordinaryPod, { numRuns: Math.ceil(pods / settings.length), seed }).values();
      const work = async (): Promise<void> => {
        for (const pod of queue) {
          const pair = await comparison.compare(pod);
          if (pair === undefined) continue;
          compared += 1;
          if (pair.own.kind === 'refused') refused.push(describePair(pair));
          if (isDeepStrictEqual(pair.aws, pair.own)) continue;
          const reasons = differences.filter(({ isAbout }) => isAbout(pair));
          for (const { row } of reasons) met.set(row, (met.get(row) ?? 0) + 1);
          if (reasons.length === 0) unexplained.push(describePair(pair));
        }
      };
      await Promise.all(Array.from({ length: inFlight }, work));
      console.log(`${compared} pods compared; different:`, Object.fromEntries(met));
      expect(refused).toEqual([]);
      expect(unexplained.length, unexplained.slice(0, 3).join('\n')).toBe(0);
    },
    900_000,
  );
});
