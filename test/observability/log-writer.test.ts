import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Writable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { createLogWriter, logWriterDefaults } from '../../src/observability/log-writer.ts';
import { waitFor } from '../support/wait-for.ts';

interface StuckStream {
  readonly stream: Writable;
  readonly written: readonly string[];
  readonly release: () => void;
}

/** A reader that takes nothing until it is told to. */
function stuckStream(): StuckStream {
  const written: string[] = [];
  let waiting: (() => void)[] = [];
  let isStuck = true;
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      written.push(chunk.toString());
      if (isStuck) waiting.push(done);
      else done();
    },
  });
  return {
    stream,
    written,
    release() {
      isStuck = false;
      for (const done of waiting) done();
      waiting = [];
    },
  };
}

const ignore = (): void => undefined;
const options = { flushIntervalMs: 20, batchLength: 100, maxWaitingLength: 200 };

describe('createLogWriter()', () => {
  test('writes lines together after the interval', async () => {
    const { stream, written, release } = stuckStream();
    release();
    const writer = createLogWriter(stream, ignore, options);
    for (const line of ['one\n', 'two\n', 'three\n']) expect(writer.write(line)).toBe(true);
    expect(written).toEqual([]);
    await waitFor(() => written.length > 0, { what: 'the batch' });
    writer.write('four\n');
    await waitFor(() => written.length > 1, { what: 'the next batch' });
    expect(written).toEqual(['one\ntwo\nthree\n', 'four\n']);
  });

  test('lets no character reach a terminal as a command, and loses none', async () => {
    const { stream, written, release } = stuckStream();
    release();
    const writer = createLogWriter(stream, ignore, options);
    const values = { csi: '\u009b31m', escape: '\u001b[31m', bidi: '\u202egnp', fine: 'naïve' };
    writer.write(`${JSON.stringify(values)}\n`);
    await writer.flush(1_000);
    const text = written.join('');
    const obeyed = ['\u009b', '\u001b', '\u202e', '\u007f'];
    expect(obeyed.filter(character => text.includes(character))).toEqual([]);
    expect(JSON.parse(text)).toEqual(values);
  });

  test('writes at once when there is enough', () => {
    const { stream, written, release } = stuckStream();
    release();
    const writer = createLogWriter(stream, ignore, { ...options, flushIntervalMs: 3_600_000 });
    writer.write('x'.repeat(99));
    expect(written).toEqual([]);
    writer.write('y');
    expect(written).toEqual([`${'x'.repeat(99)}y`]);
  });

  test('writes what came in during a write after it, though nothing more comes', async () => {
    const { stream, written, release } = stuckStream();
    const writer = createLogWriter(stream, ignore, options);
    writer.write('x'.repeat(100));
    writer.write('more\n');
    release();
    await waitFor(() => written.at(-1) === 'more\n', { what: 'the second batch' });
  });

  test('drops what a stuck reader leaves no room for, keeps the rest in order, and goes on (E173, fault 23)', async () => {
    const { stream, written, release } = stuckStream();
    const writer = createLogWriter(stream, ignore, options);
    const taken = Array.from({ length: 50 }, (_, index) => writer.write(`${String(index).padStart(9)}\n`));
    // 100 characters on their way, 200 waiting.
    expect(taken.filter(Boolean)).toHaveLength(30);
    expect(taken.lastIndexOf(true)).toBe(29);
    release();
    await writer.flush(1_000);
    expect(written.join('').split('\n')).toHaveLength(31);
    expect(writer.write('after\n')).toBe(true);
    await writer.flush(1_000);
    expect(written.at(-1)).toBe('after\n');
  });

  test('gives up flushing to a stuck reader after the time given (E173, fault 23)', async () => {
    const { stream } = stuckStream();
    const writer = createLogWriter(stream, ignore, options);
    writer.write('line\n');
    const startMs = performance.now();
    await writer.flush(50);
    expect(performance.now() - startMs).toBeGreaterThanOrEqual(45);
  });

  test('survives a reader that went away, and counts what it lost', async () => {
    let lost = 0;
    const stream = new Writable({ write: (_chunk, _encoding, done) => done(new Error('EPIPE')) });
    const writer = createLogWriter(stream, lines => (lost += lines), options);
    for (let round = 0; round < 3; round += 1) {
      writer.write('line\n');
      await writer.flush(1_000);
    }
    expect(stream.errored?.message).toBe('EPIPE');
    expect(lost).toBe(3);
  });

  test('neither blocks the process nor keeps it from ending when standard output is a pipe that nobody reads (E173, fault 23)', async () => {
    const program = `
      import { createLogWriter } from './src/observability/log-writer.ts';
      const writer = createLogWriter(process.stdout, () => undefined);
      let dropped = 0;
      for (let line = 0; line < 5_000; line += 1) {
        if (!writer.write('x'.repeat(999) + '\\n')) dropped += 1;
        if (line % 100 === 0) await new Promise(resolve => setImmediate(resolve));
      }
      await writer.flush(100);
      console.error(dropped);
      process.exit(0);
    `;
    // The shell makes a real pipe; what spawn() makes is a socket.
    const script = '{ "$0" --input-type=module --eval "$1"; echo "exit $?" >&2; } | sleep 60';
    const stdio = ['ignore', 'ignore', 'pipe'] as const;
    const child = spawn('sh', ['-c', script, process.execPath, program], { stdio: [...stdio], detached: true });
    let errors = '';
    child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
    await waitFor(() => errors.includes('exit '), { what: 'the end of the program', timeoutMs: 30_000 });
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    await once(child, 'close');
    const [dropped, exit] = errors.trim().split('\n');
    expect(exit).toBe('exit 0');
    // 5 MB in all, of which 1 MiB may wait and the pipe and one batch take their share.
    expect(Number(dropped)).toBeGreaterThan(3_000);
    expect(Number(dropped)).toBeLessThan(5_000 - logWriterDefaults.maxWaitingLength / 1_000);
  });
});
