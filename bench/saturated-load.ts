import autocannon from 'autocannon';
import { setTimeout as delay } from 'node:timers/promises';
import { causeOf, FailureCounter, reviewHeaders, reviewUrl, type Load, type Target } from './load.ts';
import { Samples } from './statistics.ts';
import { openWindow } from './window.ts';

export interface SaturatedLoadOptions {
  readonly connections: number;
  /** Not counted: connections are opened, and caches filled. */
  readonly warmUpMs: number;
  readonly measuredMs: number;
}

/** More than any webhook answers; beyond it the list of samples grows. */
const expectedPerSecond = 20_000;
/** How often autocannon looks whether it is to stop. */
const checkMs = 100;
/** Longer than any warm-up: it is stopped when the time is over. */
const reserveSeconds = 60;

/** Keeps a request under way on every connection: as many reviews as the webhook can do. */
export async function saturate(
  target: Target,
  body: Buffer,
  { connections, warmUpMs, measuredMs }: SaturatedLoadOptions,
): Promise<Load> {
  const samples = new Samples((expectedPerSecond * measuredMs) / 1_000);
  let counting = false;
  const failures = new FailureCounter();
  const { instance, ended } = start({
    url: reviewUrl(target).href,
    method: 'POST',
    headers: reviewHeaders,
    body,
    connections,
    duration: (warmUpMs + measuredMs) / 1_000 + reserveSeconds,
    sampleInt: checkMs,
  });
  instance.on('response', (_client, status, _bytes, milliseconds) => {
    if (!counting) return;
    if (status === 200) samples.add(milliseconds);
    else failures.add(`HTTP ${status}`);
  });
  instance.on('reqError', (error: unknown) => failures.add(causeOf(error)));
  await delay(warmUpMs);
  const window = openWindow(target);
  counting = true;
  await delay(measuredMs);
  const load = window.close({ samples, failures: failures.counts() });
  counting = false;
  instance.stop();
  await ended;
  return load;
}

function start(options: autocannon.Options): { readonly instance: autocannon.Instance; readonly ended: Promise<void> } {
  const { promise: ended, resolve, reject } = Promise.withResolvers<void>();
  const instance = autocannon(options, error => {
    if (error instanceof Error) reject(error);
    else resolve();
  });
  return { instance, ended };
}
