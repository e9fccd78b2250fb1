import { readFileSync } from 'node:fs';

/** Memory of a process in MiB. */
export interface MemoryUse {
  readonly resident: number;
  /** The part of it that no file stands behind: heap and stacks, not the pages of the program itself. */
  readonly anonymous: number;
  /** The most that was ever resident. */
  readonly peak: number;
}

/** What the kernel tells of a process. Undefined everywhere but on Linux. */
export interface ProcessUsage {
  /** User and system time of all threads so far, in milliseconds; in steps of 10. */
  cpuMs(pid: number): number | undefined;
  memory(pid: number): MemoryUse | undefined;
  /** The cores it may run on, for example `0` or `0-3`. */
  cores(pid: number): string | undefined;
}

/** https://man7.org/linux/man-pages/man5/proc.5.html */
export const processUsage: ProcessUsage =
  process.platform === 'linux'
    ? {
        cpuMs: pid => parseCpuMs(readProcess(pid, 'stat')),
        memory: pid => parseMemory(readProcess(pid, 'status')),
        cores: pid => /^Cpus_allowed_list:\s*(\S+)/m.exec(readProcess(pid, 'status'))?.[1],
      }
    : { cpuMs: () => undefined, memory: () => undefined, cores: () => undefined };

function readProcess(pid: number, file: 'stat' | 'status'): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch (error) {
    throw new Error(`expected a process ${pid}, found none`, { cause: error });
  }
}

/** The kernel counts in ticks of this length for programs, whatever it does itself (`getconf CLK_TCK` is 100). */
const tickMs = 10;

/** Fields 14 (utime) and 15 (stime) of `/proc/PID/stat`. */
export function parseCpuMs(stat: string): number {
  // The second field is the program's name in parentheses, and may hold spaces and parentheses.
  const afterName = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [user, system] = [Number(afterName[11]), Number(afterName[12])];
  if (!Number.isFinite(user + system)) throw new TypeError('expected /proc/PID/stat, found something else');
  return (user + system) * tickMs;
}

/** From `/proc/PID/status`. */
export function parseMemory(status: string): MemoryUse {
  const mebibytes = (field: string): number => {
    const kibibytes = new RegExp(`^${field}:\\s*(\\d+) kB$`, 'm').exec(status)?.[1];
    if (kibibytes === undefined) throw new TypeError(`expected ${field} in /proc/PID/status, found none`);
    return Number(kibibytes) / 1_024;
  };
  return { resident: mebibytes('VmRSS'), anonymous: mebibytes('RssAnon'), peak: mebibytes('VmHWM') };
}
