import { Writable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { createProgress } from '../../src/terminal/progress.ts';

/** A stream that keeps what is written to it. */
class Screen extends Writable {
  readonly isTTY: boolean;
  text = '';

  constructor(isTTY: boolean) {
    super();
    this.isTTY = isTTY;
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

/** Updates at these milliseconds, then disposes. */
function run(screen: Screen, times: readonly number[]): string {
  let nowMs = 0;
  {
    using progress = createProgress({ stream: screen, now: () => nowMs });
    for (const time of times) {
      nowMs = time;
      progress.update(`at ${time}`);
    }
  }
  return screen.text.replaceAll('\r\u001b[K', '<');
}

describe('createProgress()', () => {
  test('writes over one line from the first second on, at most ten times a second, and removes it', () => {
    expect(run(new Screen(true), [0, 999, 1000, 1050, 1099, 1100, 2000])).toBe('<at 1000<at 1100<at 2000<');
  });

  test('writes nothing when the command ends within a second', () => {
    expect(run(new Screen(true), [0, 500, 999])).toBe('');
  });

  test('writes nothing to what is no terminal', () => {
    expect(run(new Screen(false), [0, 1000, 2000])).toBe('');
  });
});
