import { X509Certificate } from 'node:crypto';
import { openConnection } from '../../src/kubernetes/open-connection.ts';
import { ownObject, ownString } from '../../src/util/json.ts';
import { inLanes } from '../apiserver/pods.ts';
import { startAuthority, type RunningAuthority } from '../certificates/self-managed/running-authority.ts';
import { bundlesOf, configurationsPath, webhookConfiguration } from '../certificates/self-managed/webhook-objects.ts';
import { succeeded } from '../support/cluster/client.ts';
import { createNamespace } from '../support/cluster/objects.ts';
import { waitFor } from '../support/wait-for.ts';
import { figureOf, type Fault } from './support/fault.ts';
import { allowance, byForm, type Lab } from './support/lab.ts';
import { Tally, type Outcome } from './support/tally.ts';

const namespace = 'faults-race';
const replicas = 2;
const agreedMs = 5_000;

async function startReplica({ cluster }: Lab, name: string): Promise<RunningAuthority> {
  const connection = await openConnection({
    kubeconfigPaths: [cluster.kubeconfig],
    ...{ kubeApi: '', serviceHost: undefined, servicePort: undefined, tokenPath: '', caPath: '' },
    now: () => performance.now(),
  });
  return startAuthority(connection, { namespace, secretName: name, webhookConfigurationName: name });
}

/** Two replicas start at the same moment; afterwards there is one authority, published, and both serve what it signed. */
async function race(lab: Lab, name: string): Promise<Outcome> {
  const { admin } = lab;
  succeeded(await admin.create(configurationsPath, webhookConfiguration(name, [{}, {}], namespace)));
  const racing = await Promise.all(Array.from({ length: replicas }, () => startReplica(lab, name)));
  try {
    const agree = (): boolean => racing.every(({ source }) => source.health().kind === 'healthy');
    await waitFor(agree, { what: 'both to be healthy', timeoutMs: agreedMs * allowance() });
    const { body } = succeeded(await admin.get(`/api/v1/namespaces/${namespace}/secrets/${name}`));
    const pem = Buffer.from(ownString(ownObject(body, 'data') ?? {}, 'ca.crt') ?? '', 'base64').toString();
    const authority = new X509Certificate(pem);
    const leaves = racing.map(({ source }) => new X509Certificate(source.current()?.certificate ?? ''));
    const bundles = bundlesOf(succeeded(await admin.get(`${configurationsPath}/${name}`)).body);
    const isOne = leaves.every(leaf => leaf.verify(authority.publicKey)) && bundles.every(bundle => bundle === pem);
    return isOne ? { kind: 'mutated' } : { kind: 'failed', cause: 'more than one authority' };
  } finally {
    await Promise.all(racing.map(authority => authority.stop()));
    await admin.delete(`${configurationsPath}/${name}`);
  }
}

export const authorityRace: Fault = {
  row: 10,
  name: 'two replicas make the authority at the same moment',
  behaviour: 'one creation wins, the other replica takes what it finds',
  expected: '0 races without exactly one authority that both serve, ≤ 5 s each',
  isShort: true,
  waits: false,
  async run(lab) {
    await createNamespace(lab.admin, namespace);
    const names = Array.from(
      { length: byForm(lab, { short: 5, usual: 100, long: 2_000 }) },
      (_, i) => `faults-race-${i}`,
    );
    const tally = new Tally();
    await inLanes(4, names, async name => void (await tally.count(race(lab, name))));
    return figureOf(
      tally,
      `agreed after ${[0.5, 0.9, 1].map(share => (tally.percentileMs(share) / 1_000).toFixed(1)).join(', ')} s (p50, p90, most) ${tally.causes()}`,
    );
  },
};
