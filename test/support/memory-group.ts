import { existsSync, readFileSync } from 'node:fs';
import { mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { waitFor } from './wait-for.ts';

/** Often enough to see what is held for a moment, and a small part of a core. */
const sampleMs = 20;

/** A memory cgroup, of version 1 or 2. */
export interface MemoryGroup extends AsyncDisposable {
  /** What a command begins with that is to run in the group from its first byte on. */
  readonly command: readonly string[];
  /** The process and what it takes from now on is counted. */
  take(pid: number): Promise<void>;
  /** The most that was in use at a time, page cache included, in bytes. */
  mostBytes(): Promise<number>;
  /** What is in use now without page cache, in bytes. */
  heldBytes(): number;
  /** What the buffers of its sockets take now, in bytes. Version 2 counts it as held, version 1 has a limit of its own for it. */
  socketBytes(): number;
  /** How many processes of the group the kernel has ended because the limit was met. */
  kills(): Promise<number>;
}

interface Version {
  readonly parent: string;
  readonly limit: string;
  /** Buffers of sockets are counted only once they have a limit. */
  readonly socketLimit?: string;
  readonly most: string;
  readonly events: string;
  readonly heldBytes: (folder: string) => number;
  readonly socketBytes: (folder: string) => number;
}

const versions: readonly Version[] = [
  {
    parent: '/sys/fs/cgroup/memory',
    limit: 'memory.limit_in_bytes',
    socketLimit: 'memory.kmem.tcp.limit_in_bytes',
    most: 'memory.max_usage_in_bytes',
    events: 'memory.oom_control',
    // Kernel memory is 0 where it is not accounted.
    heldBytes: folder =>
      fieldsOf(folder, 'memory.stat', ['total_rss']) + numberIn(folder, 'memory.kmem.usage_in_bytes'),
    socketBytes: folder => numberIn(folder, 'memory.kmem.tcp.usage_in_bytes'),
  },
  {
    parent: '/sys/fs/cgroup',
    limit: 'memory.max',
    most: 'memory.peak',
    events: 'memory.events',
    // `kernel` has the page tables, the stacks of the kernel and its caches; `sock` the buffers of sockets.
    heldBytes: folder => fieldsOf(folder, 'memory.stat', ['anon', 'kernel', 'sock']),
    socketBytes: folder => fieldsOf(folder, 'memory.stat', ['sock']),
  },
];

/** Creates a group with this limit; undefined where none can be made: it takes root, and a system that lets it. */
export async function createMemoryGroup(name: string, limitBytes: number): Promise<MemoryGroup | undefined> {
  for (const version of versions) {
    const folder = join(version.parent, `${name}-${process.pid}`);
    try {
      await removeLeftovers(version.parent, name);
      await mkdir(folder);
      await writeFile(join(folder, version.limit), String(limitBytes));
      if (version.socketLimit !== undefined)
        await writeFile(join(folder, version.socketLimit), String(limitBytes)).catch(() => undefined);
      return groupIn(folder, version);
    } catch {
      await rmdir(folder).catch(() => undefined);
    }
  }
  return undefined;
}

/** Of processes that were killed, and with them what was in their groups. */
async function removeLeftovers(parent: string, name: string): Promise<void> {
  const own = new RegExp(`^${name}-(\\d+)$`);
  for (const folder of await readdir(parent)) {
    const pid = own.exec(folder)?.[1];
    if (pid !== undefined && !existsSync(`/proc/${pid}`)) await rmdir(join(parent, folder)).catch(() => undefined);
  }
}

function groupIn(folder: string, { most, events, heldBytes, socketBytes }: Version): MemoryGroup {
  const members = join(folder, 'cgroup.procs');
  return {
    command: ['/bin/sh', '-c', 'echo $$ > "$0" && exec "$@"', members],
    take: pid => writeFile(members, String(pid)),
    mostBytes: async () => Number(await readFile(join(folder, most), 'utf8')),
    heldBytes: () => heldBytes(folder),
    socketBytes: () => socketBytes(folder),
    kills: async () => fieldIn(await readFile(join(folder, events), 'utf8'), 'oom_kill'),
    async [Symbol.asyncDispose]() {
      // The kernel takes a process out of its group a moment after it was waited for.
      const isEmpty = async (): Promise<boolean> => (await readFile(members, 'utf8')) === '';
      await waitFor(isEmpty, { what: `the processes of ${folder} to end` });
      await rmdir(folder);
    },
  };
}

/** The most of each at a time, in bytes. */
export interface MostHeld {
  readonly heldBytes: number;
  readonly socketBytes: number;
}

/** What the group holds at most until `stop()`, seen by samples. */
export function followHeldBytes(group: MemoryGroup): { stop(): MostHeld } {
  let most: MostHeld = { heldBytes: 0, socketBytes: 0 };
  const sample = (): void => {
    most = {
      heldBytes: Math.max(most.heldBytes, group.heldBytes()),
      socketBytes: Math.max(most.socketBytes, group.socketBytes()),
    };
  };
  const timer = setInterval(sample, sampleMs);
  return {
    stop() {
      clearInterval(timer);
      sample();
      return most;
    },
  };
}

function numberIn(folder: string, name: string): number {
  try {
    return Number(readFileSync(join(folder, name), 'utf8'));
  } catch {
    return 0; // A kernel without it does not count it.
  }
}

function fieldsOf(folder: string, name: string, fields: readonly string[]): number {
  const text = readFileSync(join(folder, name), 'utf8');
  return fields.reduce((sum, field) => sum + fieldIn(text, field), 0);
}

/** The number behind this word at the beginning of a line; 0 where there is none. */
function fieldIn(text: string, field: string): number {
  return Number(new RegExp(`^${field} (\\d+)$`, 'm').exec(text)?.[1] ?? 0);
}
