import { setTimeout as delay } from 'node:timers/promises';
import { connect, type ClientOptions, type KubernetesClient } from '../../support/cluster/client.ts';
import type { Siege } from './attack.ts';

/** What somebody does who may create and change pods and ServiceAccounts in one namespace. */
export interface TenantAttack {
  readonly kind: 'tenant';
  readonly access: ClientOptions;
  readonly namespace: string;
  readonly pods: readonly TenantPods[];
  /** So many accounts get annotations as long as the API server takes them; then they are changed again and again. */
  readonly accounts: number;
}

/** Pods that are not stored, so that no quota counts them. */
interface TenantPods {
  readonly account: string;
  readonly containers: number;
  /** So many at once. */
  readonly parallel: number;
}

/** All annotations of an object together have at most 262,144 bytes. */
const longestValue = 260_000;
/** So many accounts are written at once. */
const accountLanes = 8;
const pauseMs = 50;

export async function attackAsTenant(attack: TenantAttack, siege: Siege): Promise<void> {
  using client = connect(attack.access);
  // Requests that the API server still works on are given up at the end.
  siege.signal.addEventListener('abort', () => client[Symbol.dispose]());
  const lanes = attack.pods.flatMap(pods =>
    Array.from({ length: pods.parallel }, () => createPods(client, attack.namespace, pods, siege)),
  );
  const writing = writeAccounts(client, attack, siege.signal);
  await Promise.all(lanes);
  siege.counts.add(`accounts written: ${await writing}`);
}

async function createPods(
  client: KubernetesClient,
  namespace: string,
  { account, containers }: TenantPods,
  { signal, counts }: Siege,
): Promise<void> {
  const spec = { serviceAccountName: account, containers: Array.from({ length: containers }, () => ({})) };
  const pod = { metadata: { generateName: 'attack-' }, spec };
  while (!signal.aborted) {
    const status = await statusOf(client.create(`/api/v1/namespaces/${namespace}/pods`, pod, { dryRun: true }));
    if (!signal.aborted) counts.add(`pod of ${account}: ${status}`);
    if (status === 0) await delay(pauseMs);
  }
}

/**
 * Creates so many accounts with annotations as long as the API server takes them, and then changes them again and again,
 * until the signal. Resolves with the number of writes.
 */
export async function writeAccounts(
  client: KubernetesClient,
  { namespace, accounts }: Pick<TenantAttack, 'namespace' | 'accounts'>,
  signal: AbortSignal,
): Promise<number> {
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts`;
  let written = 0;
  const write = async (number: number): Promise<void> => {
    const metadata = { name: `attack-${number % accounts}`, annotations: longAnnotations(number) };
    const answer = number < accounts ? client.create(path, { metadata }) : change(client, path, metadata);
    const status = await statusOf(answer);
    if (status < 300 && status > 0) written += 1;
  };
  if (accounts === 0) return 0;
  const lane = async (first: number): Promise<void> => {
    for (let number = first; !signal.aborted; number += accountLanes) await write(number);
  };
  await Promise.all(Array.from({ length: accountLanes }, (_, index) => lane(index)));
  return written;
}

function change(
  client: KubernetesClient,
  path: string,
  { name, annotations }: { readonly name: string; readonly annotations: object },
): Promise<{ readonly status: number }> {
  return client.patch(`${path}/${name}`, 'merge-patch', { metadata: { annotations } });
}

/** 0 where there was no answer. */
function statusOf(answer: Promise<{ readonly status: number }>): Promise<number> {
  return answer.then(
    ({ status }) => status,
    () => 0,
  );
}

/** A long annotation: mostly a role between white space, or what else is kept of an account, depending on the number. */
export function longAnnotations(number: number): { readonly [name: string]: string } {
  const role = `arn:aws:iam::111122223333:role/attack-${number}`;
  const space = ' '.repeat(longestValue);
  const kinds: readonly { readonly [name: string]: string }[] = [
    { 'role-arn': role + space },
    { 'role-arn': space + role },
    { 'role-arn': role + space },
    { 'role-arn': role, audience: `${number}${'a'.repeat(longestValue)}` },
    { 'role-arn': role + space },
    { 'role-arn': space + role },
    { 'role-arn': role, 'token-expiration': `${space}3600` },
    { 'role-arn': role, audience: `${number}${'a'.repeat(longestValue)}` },
    { 'role-arn': role, unknown: `${number}${space}` },
  ];
  const annotations = Object.entries(kinds[number % kinds.length] ?? {});
  return Object.fromEntries(annotations.map(([name, value]) => [`eks.amazonaws.com/${name}`, value]));
}
