import { expect, test } from 'vitest';
import { describeOnCluster } from '../support/cluster/shared-cluster.ts';
import { allFaults } from '../faults/all-faults.ts';

const timeoutMs = 120_000;

describeOnCluster('the short form of make faults', (cluster, admin) => {
  test.each(allFaults.filter(({ isShort }) => isShort))(
    '$row: $name: expected $expected',
    async ({ run }) => {
      const found = await run({ form: 'short', cluster, admin });
      if ('kind' in found) throw new Error(`expected a figure, found that it is not possible here: ${found.reason}`);
      const { misses, detail } = found;
      expect({ misses, detail }).toEqual({ misses: [], detail });
      expect(found.sent).toBeGreaterThan(0);
    },
    timeoutMs,
  );
});
