import { annotate, inLanes, role, roleAnnotation, withRole, createServiceAccounts } from '../apiserver/pods.ts';
import { waitFor } from '../support/wait-for.ts';
import { figureOf, type Fault } from './support/fault.ts';
import { allowance, byForm } from './support/lab.ts';
import { startService, type Service } from './support/service.ts';
import { Tally, type Outcome } from './support/tally.ts';

const seenMs = 1_000;

/** Several pods in a row, so that both replicas have been asked. */
async function untilSeen(service: Service, name: string, expected: Outcome['kind'], role: string): Promise<void> {
  let inARow = 0;
  const isSeen = async (): Promise<boolean> => {
    inARow = (await service.pod(name, role)).kind === expected ? inARow + 1 : 0;
    return inARow === 4;
  };
  await waitFor(isSeen, { what: 'the change', intervalMs: 1 });
}

export const changedAccount: Fault = {
  row: 16,
  name: 'the role of a ServiceAccount is changed or removed',
  behaviour: 'the watch tells; the next pods get what holds then',
  expected: '0 changes not seen; p99 ≤ 1 s',
  isShort: true,
  waits: false,
  async run(lab) {
    await using service = await startService(lab, { name: 'faults-changed' });
    const count = byForm(lab, { short: 10, usual: 100, long: 5_000 });
    const names = Array.from({ length: count }, (_, index) => `changed-${index}`);
    await createServiceAccounts(lab.admin, service.namespace, names, withRole);
    const tally = new Tally();
    const change = async (name: string, value: string | null): Promise<Outcome> => {
      await untilSeen(service, name, value === null ? 'unmutated' : 'mutated', value ?? role(name));
      return { kind: 'mutated' };
    };
    await inLanes(4, names, async name => {
      for (const value of [role(`${name}-later`), null]) {
        await annotate(lab.admin, service.namespace, name, { [roleAnnotation]: value });
        await tally.count(change(name, value));
      }
    });
    const p99 = tally.percentileMs(0.99);
    return figureOf(tally, `seen by four pods in a row after ${p99.toFixed(0)} ms (p99) ${tally.causes()}`, [
      p99 > seenMs * allowance() && `p99 ${p99.toFixed(0)} ms`,
    ]);
  },
};
