/**
 * Gives the right to do something long to one caller in each round of the event loop, in the order in which they asked, so
 * that short things are done in between. Ten large reviews that arrive together would otherwise hold up all others for as
 * long as they take together.
 */
export function createTurns(): () => Promise<void> {
  const waiting: (() => void)[] = [];
  const next = (): void => {
    waiting.shift()?.();
    if (waiting.length > 0) setImmediate(next);
  };
  return () =>
    new Promise(resolve => {
      waiting.push(resolve);
      if (waiting.length === 1) setImmediate(next);
    });
}
