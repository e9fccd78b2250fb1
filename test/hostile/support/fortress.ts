import {
  annotations,
  roleArn,
  startProgram,
  type ProgramOnFakeApi,
  type ProgramOptions,
} from '../../integration/program/program-on-fake-api.ts';
import type { FakeApiServer } from '../../support/fake-api-server.ts';
import { imageEnvironment } from '../../support/image-start.ts';
import { createMemoryGroup, type MemoryGroup } from '../../support/memory-group.ts';
import type { WebhookProcess } from '../../support/webhook-process.ts';
import type { AttackReport } from '../attacks/attack.ts';
import type { Attack, AttackData } from './attack-program.ts';
import type { BystanderData, BystanderResult } from './bystander-program.ts';
import { startClientProcess, type ClientProcess } from './client-process.ts';
import { chooseCores } from './cores.ts';
import { untilOver } from './siege.ts';

/** The limit of the chart's container. */
const limitBytes = 256 * 1_048_576;

/** Longer than any time-out of the webhook and of its callers, so that trying again proves nothing. */
const attackSeconds = 30;

/** Probes of other machines are late after a second; here a busy machine is no lost probe. */
const probeTimeoutMs = 10_000;

/** More than the pods that come in one attack. */
const bystanderAccounts = 800;

/** The built program as the image starts it, in the memory of its container and on a core of its own. */
export interface Fortress extends ProgramOnFakeApi {
  /** Undefined where none can be made. */
  readonly group: MemoryGroup | undefined;
}

export async function startFortress(name: string, options: ProgramOptions = {}): Promise<Fortress> {
  await using resources = new AsyncDisposableStack();
  const group = await createMemoryGroup(`irsa-hostile-${name}`, limitBytes);
  if (group !== undefined) resources.use(group);
  const command = [...(group?.command ?? []), ...chooseCores().webhook];
  const program = resources.use(
    await startProgram({ environment: imageEnvironment(), command, prepare: createAccounts, ...options }),
  );
  createUnseenAccounts(program.api);
  const owned = resources.move();
  return { ...program, group, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** A role as long as IAM allows: a path of 512 characters and a name of 64. */
const longestRole = `arn:aws:iam::111122223333:role/${'p'.repeat(510)}/${'n'.repeat(64)}`;
/** Longer than IAM allows. */
const longRole = `arn:aws:iam::111122223333:role/${'x'.repeat(2_000)}`;

function createAccounts({ objects }: FakeApiServer): void {
  const create = (namespace: string, name: string, role?: string): void => {
    const fields = role === undefined ? {} : { annotations: { ...annotations, 'eks.amazonaws.com/role-arn': role } };
    objects.put('serviceaccounts', namespace, name, fields);
  };
  create('bystander', 'app', roleArn);
  create('attacker', 'app', roleArn);
  create('attacker', 'long', longRole);
  create('attacker', 'longest', longestRole);
  create('attacker', 'plain');
  for (let index = 0; index < 100; index += 1) create(`attacker-${index}`, 'app', roleArn);
  for (let index = 0; index < bystanderAccounts; index += 1) create('bystander', `late-${index}`);
}

/** Accounts of which the watch has not told yet: only a live read finds them, or their role. */
function createUnseenAccounts({ objects }: FakeApiServer): void {
  for (let index = 0; index < bystanderAccounts; index += 1) {
    objects.putUnseen('serviceaccounts', 'bystander', `fresh-${index}`, { annotations });
    objects.putUnseen('serviceaccounts', 'bystander', `late-${index}`, { annotations });
  }
}

type BystanderOptions = Partial<Pick<BystanderData, 'accounts' | 'perSecond'>>;

/** Creates a pod every 100 ms, in a namespace of its own, and probes. */
export function startBystander(
  { port, metricsPort, caBundle: ca }: WebhookProcess,
  { accounts = ['app'], perSecond = 10 }: BystanderOptions = {},
): Promise<ClientProcess<BystanderResult>> {
  const at = { port, metricsPort, ca, namespace: 'bystander' };
  const data: BystanderData = { ...at, accounts, perSecond, probeTimeoutMs };
  const program = new URL('bystander-program.ts', import.meta.url);
  return startClientProcess({ program, data, command: chooseCores().clients });
}

/** Attacks in all these ways at once, for as long as an attack takes. */
export async function attackWith(
  { port, metricsPort }: WebhookProcess,
  attacks: readonly Attack[],
  signal: AbortSignal,
): Promise<AttackReport> {
  const data: AttackData = { target: { port, metricsPort }, attacks };
  const program = new URL('attack-program.ts', import.meta.url);
  const attackers = await startClientProcess<AttackReport>({ program, data, command: chooseCores().clients });
  await untilOver(attackSeconds, signal);
  return attackers.stop();
}
