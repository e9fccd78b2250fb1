/** Longest time a timer can wait; beyond it Node.js fires at once (32-bit milliseconds, about 25 days). */
const longestTimerMs = 2 ** 31 - 1;

/** The wait as a timer can keep it: not negative, not too long. */
export function timerMs(ms: number): number {
  return Math.min(Math.max(ms, 0), longestTimerMs);
}

/** Resolves after `ms` milliseconds, or at once when the signal aborts. Never rejects: the caller looks at the signal. */
export function delay(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal.aborted) {
      resolve();
      return;
    }
    const finish = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', finish);
      resolve();
    };
    const timer = setTimeout(finish, timerMs(ms));
    signal.addEventListener('abort', finish);
  });
}
