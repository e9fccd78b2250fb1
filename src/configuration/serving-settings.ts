import {
  boolean,
  choice,
  duration,
  integer,
  optionalText,
  readRows,
  type Read,
  type SettingGroup,
  type ValuesOf,
} from './setting.ts';
import { optionalIpAddress } from './text-forms.ts';

/** Nobody waits longer for a pod to end; the kubelet's own grace period is 30 s by default. */
const maxPeriodMs = 3_600_000;
const mebibyte = 1_048_576;
/** A review of an ordinary pod has 3 to 40 KB; a smaller limit would refuse those. */
const minBodyBytes = 65_536;

/** The two listeners, their limits and their end. */
export const servingRows = {
  port: integer({
    name: 'port',
    default: 443,
    min: 0,
    max: 65_535,
    help: 'Listen for the API server on this port, with TLS; 0 takes any free port.',
  }),
  /** Undefined for all addresses, IPv6 and IPv4 (E145). */
  address: optionalText({
    name: 'bind-address',
    form: optionalIpAddress,
    help: 'Listen for the API server on this IP address only; empty means all addresses, IPv6 and IPv4.',
  }),
  metricsPort: integer({
    name: 'metrics-port',
    default: 9999,
    min: 0,
    max: 65_535,
    help: 'Listen for /livez, /readyz and /metrics on this port, without TLS; 0 takes any free port.',
  }),
  metricsAddress: optionalText({
    name: 'metrics-bind-address',
    form: optionalIpAddress,
    help: 'Listen for probes and metrics on this IP address only; empty means all addresses.',
  }),
  /** What a review gets that cannot be answered (E13). */
  faultResponse: choice({
    name: 'fault-response',
    default: 'error',
    choices: ['error', 'allow'],
    help: 'Answer to a review that cannot be decided: error is HTTP 503, so that the failurePolicy decides; allow lets the pod in unchanged, with a warning.',
  }),
  /** How long requests are still accepted after SIGTERM. */
  drainMs: duration({
    name: 'drain-period',
    // Longer than an endpoint takes to leave every kube-proxy; Gatekeeper waits 10 s as well.
    default: 10_000,
    min: 0,
    max: maxPeriodMs,
    help: 'After SIGTERM, serve on for this long, so that no API server meets a closed port.',
  }),
  /** How long requests in flight may take after that. */
  shutdownTimeoutMs: duration({
    name: 'shutdown-timeout',
    // As the AWS webhook. An API server waits 10 s for a webhook by default.
    default: 10_000,
    min: 0,
    max: maxPeriodMs,
    help: 'After the drain, wait this long for requests in flight before cutting them.',
  }),
  maxBodyBytes: integer({
    name: 'max-body-bytes',
    // Two objects of at most 3 MiB (the API server's own limit) and 1 MiB for the rest is 7 MiB, which controller-runtime
    // takes; rounded up (E9).
    default: 8 * mebibyte,
    min: minBodyBytes,
    max: 64 * mebibyte,
    help: 'Refuse larger reviews with HTTP 413.',
  }),
  maxBytesInFlight: integer({
    name: 'max-bytes-in-flight',
    // One namespace may have half: 1,000 pods of 8 KB at once (9 MB), or four of 3 MiB.
    default: 24 * mebibyte,
    min: minBodyBytes,
    max: 1024 * mebibyte,
    help: 'Answer HTTP 503 with Retry-After where bodies that are read or reviewed would be larger than this together; one namespace has half.',
  }),
  maxConnections: integer({
    name: 'max-connections',
    // An API server has at most 200 mutating requests in flight by default; five of them. 256 more are
    // answered with 503; all beyond are reset, and not sent again.
    default: 1024,
    min: 1,
    max: 65_535,
    help: 'Accept at most this many connections to the TLS port at a time.',
  }),
  debuggingHandlers: boolean({
    name: 'enable-debugging-handlers',
    default: false,
    help: 'Show the cached ServiceAccounts at /debug/alpha/cache on the metrics port.',
  }),
};

export const servingGroup: SettingGroup = { title: 'Serving', settings: Object.values(servingRows) };

export type ServingSettings = ValuesOf<typeof servingRows>;

/** Returns what the settings say about the listeners. */
export function readServing(read: Read): ServingSettings {
  return readRows(servingRows, read);
}
