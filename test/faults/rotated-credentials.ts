import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { withRole } from '../apiserver/pods.ts';
import { createServiceAccount } from '../support/cluster/objects.ts';
import { writeMountedVolume } from '../support/mounted-volume.ts';
import { startApiProxy } from './support/api-proxy.ts';
import { figureOf, type Fault } from './support/fault.ts';
import { byForm } from './support/lab.ts';
import { startLoad } from './support/load.ts';
import { startService } from './support/service.ts';

export const rotatedCredentials: Fault = {
  row: 24,
  name: "the webhook's token, or the CA of the API server, is replaced",
  behaviour: 'both files are read again, at once when the API server says 401 or its certificate is not trusted',
  expected: '0; no request with the old token after one more try',
  isShort: true,
  waits: false,
  async run(lab) {
    await using proxy = await startApiProxy(lab.cluster);
    await using service = await startService(lab, { name: 'faults-credentials', proxy });
    const { folder } = service.account;
    let created = 0;
    // Each needs a live read, so each shows whether the credentials are good.
    const load = startLoad(10, async () => {
      const name = `fresh-${(created += 1)}`;
      await createServiceAccount(lab.admin, service.namespace, name, withRole(name));
      return service.pod(name);
    });
    let stale = 0;
    const rotations = byForm(lab, { short: 2, usual: 6, long: 200 });
    for (let rotation = 0; rotation < rotations; rotation += 1) {
      const old = await readFile(join(folder, 'token'), 'utf8');
      if (rotation % 2 === 1) {
        proxy.replaceAuthority();
        await writeMountedVolume(folder, { token: old, 'ca.crt': proxy.ca, namespace: service.namespace });
      } else {
        await service.account.rotateToken();
        const ca = { 'ca.crt': proxy.ca, namespace: service.namespace };
        await writeMountedVolume(folder, { token: await readFile(join(folder, 'token'), 'utf8'), ...ca });
        const before = proxy.requests.length;
        proxy.refuse = ({ token }) => (token === old ? { status: 401, reason: 'Unauthorized' } : undefined);
        await delay(2_000);
        stale = Math.max(stale, proxy.requests.slice(before).filter(({ token }) => token === old).length);
      }
      await delay(2_000);
    }
    const tally = await load.stop();
    const detail = `${rotations} replacements; at most ${stale} requests with an old token`;
    return figureOf(tally, `${detail} ${tally.causes()}`, [
      // Those of both replicas that were on their way at the same moment.
      stale > 8 && `${stale} requests with an old token`,
    ]);
  },
};
