import { setTimeout as delay } from 'node:timers/promises';
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
import { longestRole, longRole } from './roles.ts';
import { untilOver } from './siege.ts';

/** The limit of the chart's container. */
const limitBytes = 256 * 1_048_576;

/** For a process outside of a group, which would take the machine's memory for its own. */
const heapOption = '--max-old-space-size=128';

/** Longer than any time-out of the webhook and of its callers, so that trying again proves nothing. */
export const attackSeconds = 30;

/** Probes of other machines are late after a second; here a busy machine is no lost probe. */
const probeTimeoutMs = 10_000;

/** More than the pods that come in one attack. */
const bystanderAccounts = 800;

/** The built program as the image starts it, in the memory of its container and on a core of its own. */
export interface Fortress extends ProgramOnFakeApi {
  /** Undefined where none can be made. */
  readonly group: MemoryGroup | undefined;
}

/** How a process starts as in the image, in the memory of its container and on a core of its own. */
export interface Container extends AsyncDisposable {
  /** Undefined where none can be made. */
  readonly group: MemoryGroup | undefined;
  readonly process: {
    readonly command: readonly string[];
    readonly environment: { readonly [name: string]: string };
  };
}

/** Ends only once its processes have ended. */
export async function createContainer(name: string): Promise<Container> {
  const group = await createMemoryGroup(`irsa-hostile-${name}`, limitBytes);
  // Node.js sizes its heap by the limit of the group.
  const process = {
    command: [...(group?.command ?? []), ...chooseCores().webhook],
    environment: imageEnvironment(...(group === undefined ? [heapOption] : [])),
  };
  return { group, process, [Symbol.asyncDispose]: async () => group?.[Symbol.asyncDispose]() };
}

/** The API server knows accounts of a bystander and of attackers; `prepare` adds to them. */
export async function startFortress(
  name: string,
  { prepare, ...options }: Pick<ProgramOptions, 'flags' | 'prepare'> = {},
): Promise<Fortress> {
  await using resources = new AsyncDisposableStack();
  const contained = resources.use(await createContainer(name));
  const prepareAll = (api: FakeApiServer): void => {
    createAccounts(api);
    prepare?.(api);
  };
  const program = resources.use(await startProgram({ ...options, ...contained.process, prepare: prepareAll }));
  createUnseenAccounts(program.api);
  const owned = resources.move();
  return { ...program, group: contained.group, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

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

type BystanderOptions = Partial<Omit<BystanderData, 'port' | 'metricsPort' | 'ca'>>;

/** Creates a pod every 100 ms, in a namespace of its own, and probes. */
export function startBystander(
  { port, metricsPort, caBundle: ca }: WebhookProcess,
  options: BystanderOptions = {},
): Promise<ClientProcess<BystanderResult>> {
  const usual = { namespace: 'bystander', accounts: ['app'], perSecond: 10, probeTimeoutMs };
  const data: BystanderData = { port, metricsPort, ca, ...usual, ...options };
  const program = new URL('bystander-program.ts', import.meta.url);
  return startClientProcess({ program, data, command: chooseCores().clients });
}

/** They have too much to do to end in time. */
const unreported: AttackReport = { counts: { 'no report': 1 }, wrong: [] };
const stopMs = 20_000;

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
  const report = await Promise.race([attackers.stop(), delay(stopMs, unreported, { ref: false })]);
  attackers.kill();
  return report;
}
