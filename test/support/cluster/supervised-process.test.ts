import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdir, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, test } from 'vitest';
import { createTempFolder } from '../temp-folder.ts';
import { waitFor } from '../wait-for.ts';
import { startSupervised, type SupervisedProcess } from './supervised-process.ts';

function start(folder: string, script: string): Promise<SupervisedProcess> {
  return startSupervised({ command: 'sh', args: ['-c', script], folder, logFile: join(folder, 'log') });
}

function succeeds(promise: Promise<unknown>): Promise<boolean> {
  return promise.then(
    () => true,
    () => false,
  );
}

/** Unlike signal 0, the link is gone too when the process has ended and nobody has asked for its exit code. */
const isAlive = (pid: number): Promise<boolean> => succeeds(readlink(`/proc/${pid}/exe`));

/** Prints its process id, and neither SIGTERM nor SIGINT ends it. */
const stubborn = 'trap "" TERM INT; echo $$; while :; do sleep 0.1; done';

describe('startSupervised()', () => {
  test('keeps what the program prints, and notices its end', async () => {
    await using temp = await createTempFolder();
    const program = await start(temp.path, 'echo out; echo err >&2; exit 3');
    await waitFor(() => !program.isRunning(), { what: 'the program to end' });
    expect(await program.log()).toBe('out\nerr\n');
    await program.kill();
  });

  test('kills a program that ignores SIGTERM, and leaves its folder', async () => {
    await using temp = await createTempFolder();
    const program = await start(temp.path, stubborn);
    const pid = await waitFor(async () => Number(await program.log()) || undefined, { what: 'its process id' });
    expect(await isAlive(pid)).toBe(true);
    await program.kill();
    expect(program.isRunning()).toBe(false);
    expect(await isAlive(pid)).toBe(false);
    expect(await succeeds(access(temp.path))).toBe(true);
  });

  test.each(['SIGKILL', 'SIGTERM', 'SIGINT', 'exit'] as const)(
    'ends the program and removes its folder when the process that started it ends by %s',
    async ending => {
      await using temp = await createTempFolder();
      const folder = join(temp.path, 'program');
      await mkdir(folder);
      const starter = await temp.write(
        'starter.mjs',
        `import { startSupervised } from ${JSON.stringify(import.meta.resolve('./supervised-process.ts'))};
        const [folder, script] = process.argv.slice(2);
        const options = { command: 'sh', args: ['-c', script], folder, logFile: folder + '/log' };
        const program = await startSupervised(options);
        process.stdin.on('data', () => process.exit(0));
        for (;;) {
          const pid = await program.log();
          if (pid !== '') { console.log(pid); break; }
        }`,
      );
      const child = spawn(process.execPath, [starter, folder, stubborn], { stdio: ['pipe', 'pipe', 'inherit'] });
      const [line] = await once(createInterface({ input: child.stdout }), 'line');
      expect(await isAlive(Number(line))).toBe(true);

      if (ending === 'exit') child.stdin.write('\n');
      else child.kill(ending);
      await waitFor(async () => !(await isAlive(Number(line))), { what: 'the program to end' });
      await waitFor(async () => !(await succeeds(access(folder))), { what: 'its folder to be removed' });
    },
  );
});
