import { readFileSync, writeFileSync } from 'node:fs';

const bytesPerKilobyte = 1_024;

/** The highest resident memory since the last reset less the pages of files, in bytes; 0 for a process that has gone. */
export function heldByProcess(pid: number): number {
  const status = statusOf(pid);
  return Math.max(0, bytesOf(status, 'VmHWM') - bytesOf(status, 'RssFile'));
}

/** https://www.kernel.org/doc/html/latest/filesystems/proc.html: 5 resets the peak. */
export function resetPeak(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, '5');
}

function statusOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch {
    return '';
  }
}

function bytesOf(status: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1] ?? 0) * bytesPerKilobyte;
}
