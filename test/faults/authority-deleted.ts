import { setTimeout as delay } from 'node:timers/promises';
import { succeeded } from '../support/cluster/client.ts';
import { waitFor } from '../support/wait-for.ts';
import { startApiProxy } from './support/api-proxy.ts';
import { figureOf, type Fault } from './support/fault.ts';
import { byForm } from './support/lab.ts';
import { startLoad } from './support/load.ts';
import { startSelfManaged } from './support/self-managed.ts';

export const authorityDeleted: Fault = {
  row: 9,
  name: 'the Secret of the authority is deleted',
  behaviour: 'replicas serve on, and one writes the same authority again from memory after 5 s',
  expected: '0; the same authority again',
  isShort: false,
  waits: true,
  async run(lab) {
    await using proxy = await startApiProxy(lab.cluster);
    await using running = await startSelfManaged(lab, { name: 'faults-authority-deleted', proxy });
    const before = await running.authority();
    const load = startLoad(20, () => running.service.pod());
    const deletions = byForm(lab, { short: 1, usual: 3, long: 100 });
    for (let deletion = 0; deletion < deletions; deletion += 1) {
      succeeded(await lab.admin.delete(running.secretPath));
      const isBack = async (): Promise<boolean> => (await running.authority()) !== undefined;
      await waitFor(isBack, { what: 'the Secret', timeoutMs: 60_000 });
      await delay(1_000);
    }
    const tally = await load.stop();
    const isSame = (await running.authority()) === before;
    return figureOf(tally, `${deletions} deletions ${tally.causes()}`, [!isSame && 'another authority']);
  },
};
