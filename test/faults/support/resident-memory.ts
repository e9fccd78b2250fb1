import { readFile, writeFile } from 'node:fs/promises';

const bytesPerKilobyte = 1_024;
const megabyte = 1_000_000;

/** What the process has in memory, and the most it had since the last reset, as the kernel counts it. In MB. */
export async function residentMemory(pid: number): Promise<{ readonly now: number; readonly peak: number }> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const read = (name: string): number => {
    const kilobytes = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1];
    if (kilobytes === undefined) throw new Error(`expected ${name} in the status of the process`);
    return (Number(kilobytes) * bytesPerKilobyte) / megabyte;
  };
  return { now: read('VmRSS'), peak: read('VmHWM') };
}

/** https://www.kernel.org/doc/html/latest/filesystems/proc.html: 5 resets the peak. */
export function resetPeak(pid: number): Promise<void> {
  return writeFile(`/proc/${pid}/clear_refs`, '5');
}
