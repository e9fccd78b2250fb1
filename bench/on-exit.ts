/** Runs the action when this process ends in any way that can be noticed, unless it is taken back before. */
export function onExit(action: () => void): { readonly takeBack: () => void } {
  process.once('exit', action);
  return { takeBack: () => process.off('exit', action) };
}

/** Lets signals end the process so that what `onExit` was given still runs. */
export function exitOnSignals(): void {
  for (const [signal, number] of signals) process.once(signal, () => process.exit(128 + number));
}

const signals = [
  ['SIGHUP', 1],
  ['SIGINT', 2],
  ['SIGTERM', 15],
] as const;
