const reportEveryMs = 15_000;

/** Says what is being done, every 15 s that it still is, and how long it took. */
export async function step<T>(what: string, action: () => Promise<T>): Promise<T> {
  const started = performance.now();
  const elapsed = (): string => `${Math.round((performance.now() - started) / 1000)} s`;
  say(`${what} …`);
  const timer = setInterval(() => say(`  ${what}: ${elapsed()}`), reportEveryMs);
  try {
    const result = await action();
    say(`  done in ${elapsed()}`);
    return result;
  } catch (error) {
    say(`  failed after ${elapsed()}`);
    throw error;
  } finally {
    clearInterval(timer);
  }
}

export function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
