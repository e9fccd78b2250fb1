import { isIPv4 } from 'node:net';
import { readImageStart } from '../test/support/image-start.ts';

/** A webhook that somebody has started, to be measured beside ours. */
export interface OtherWebhook {
  readonly url: URL;
  readonly pid: number;
}

export interface BenchSettings {
  readonly against: OtherWebhook | undefined;
  readonly rounds: number;
  /** Length of one measurement. */
  readonly seconds: number;
  /** Flags of Node.js for our webhook, such as `--max-semi-space-size=4`; those of the image where none are given. */
  readonly nodeFlags: readonly string[];
}

/** Wrong use; the message is for the person who typed it. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
}

/** Comparisons need rounds that are interleaved, so that what else the machine does meets both. */
const minRoundsAgainst = 3;

/** Reads the environment. Throws SettingsError. */
export function readSettings(environment: { readonly [name: string]: string | undefined }): BenchSettings {
  const nodeFlags = (environment['BENCH_NODE_FLAGS'] ?? '').split(' ').filter(flag => flag !== '');
  const against = readAgainst(environment['AGAINST'] ?? '');
  const rounds = readNumber(environment, 'BENCH_ROUNDS', { fallback: 3, min: 1, max: 1_000 });
  if (!Number.isInteger(rounds)) throw new SettingsError(`BENCH_ROUNDS: expected a whole number, found ${rounds}`);
  if (against !== undefined && rounds < minRoundsAgainst) {
    throw new SettingsError(`BENCH_ROUNDS: expected at least ${minRoundsAgainst} with AGAINST, found ${rounds}`);
  }
  return {
    against,
    rounds,
    seconds: readNumber(environment, 'BENCH_SECONDS', { fallback: 3, min: 0.1, max: 3_600 }),
    nodeFlags: nodeFlags.length > 0 ? nodeFlags : readImageStart().nodeFlags,
  };
}

interface Range {
  readonly fallback: number;
  readonly min: number;
  readonly max: number;
}

function readNumber(
  environment: { readonly [name: string]: string | undefined },
  name: string,
  { fallback, min, max }: Range,
): number {
  const text = environment[name] ?? '';
  if (text === '') return fallback;
  const value = Number(text);
  if (value >= min && value <= max) return value;
  throw new SettingsError(`${name}: expected a number from ${min} to ${max}, found "${text}"`);
}

const againstForm = 'AGAINST: expected https://127.0.0.1:PORT,pid=NUMBER';

/** `https://127.0.0.1:8443,pid=1234`; without a path, `/mutate` is called. */
function readAgainst(text: string): OtherWebhook | undefined {
  if (text === '') return undefined;
  const [address = '', ...options] = text.split(',');
  const pid = /^pid=([1-9]\d{0,9})$/.exec(options.join(','))?.[1];
  if (pid === undefined || !URL.canParse(address)) throw new SettingsError(`${againstForm}, found "${text}"`);
  const url = new URL(address);
  if (url.protocol !== 'https:') throw new SettingsError(`${againstForm}, found "${text}"`);
  // Load is sent to what the person has started here, and never by mistake to somebody's cluster.
  if (!isLoopback(url.hostname)) {
    throw new SettingsError(`AGAINST: expected a loopback address such as 127.0.0.1, found ${url.hostname}`);
  }
  if (url.pathname === '/') url.pathname = '/mutate';
  return { url, pid: Number(pid) };
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || (isIPv4(host) && host.startsWith('127.'));
}
