import { readFile } from 'node:fs/promises';

/** How many files this process may have open; no limit where the system does not tell. Node.js has raised it as far as it may. */
export async function readOpenFileLimit(path = '/proc/self/limits'): Promise<number> {
  const limits = await readFile(path, 'utf8').catch(() => '');
  const soft = /^Max open files\s+(\d+)/m.exec(limits)?.[1];
  return soft === undefined ? Number.POSITIVE_INFINITY : Number(soft);
}
