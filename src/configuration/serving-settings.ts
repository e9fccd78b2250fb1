import { boolean, choice, duration, integer, text } from './setting-kinds.ts';
import type { Read, Setting, SettingGroup } from './setting.ts';
import { optionalIpAddress } from './text-forms.ts';

/** The two listeners, their limits and their end. */
export interface ServingSettings {
  /** IP address of the TLS listener; undefined for all, IPv6 and IPv4 (E145). */
  readonly address: string | undefined;
  /** 0 for any free one. */
  readonly port: number;
  /** IP address of the plain listener for probes and metrics; undefined for all. */
  readonly metricsAddress: string | undefined;
  readonly metricsPort: number;
  /**
   * What a review gets that cannot be answered (E13): `error` is HTTP 503, so that the failurePolicy decides; `allow` is an
   * answer that allows the pod unchanged, with a warning.
   */
  readonly faultResponse: 'error' | 'allow';
  /** How long requests are still accepted after SIGTERM. */
  readonly drainMs: number;
  /** How long requests in flight may take after that. */
  readonly shutdownTimeoutMs: number;
  readonly maxBodyBytes: number;
  readonly maxBytesInFlight: number;
  readonly maxConnections: number;
  /** Whether the plain listener shows what is cached. */
  readonly debuggingHandlers: boolean;
}

export const port: Setting<number> = integer({
  name: 'port',
  default: 443,
  min: 0,
  max: 65_535,
  help: 'Listen for the API server on this port, with TLS; 0 takes any free port.',
});

export const bindAddress: Setting<string> = text({
  name: 'bind-address',
  default: '',
  form: optionalIpAddress,
  help: 'Listen for the API server on this IP address only; empty means all addresses, IPv6 and IPv4.',
});

export const metricsPort: Setting<number> = integer({
  name: 'metrics-port',
  default: 9999,
  min: 0,
  max: 65_535,
  help: 'Listen for /livez, /readyz and /metrics on this port, without TLS; 0 takes any free port.',
});

export const metricsBindAddress: Setting<string> = text({
  name: 'metrics-bind-address',
  default: '',
  form: optionalIpAddress,
  help: 'Listen for probes and metrics on this IP address only; empty means all addresses.',
});

const faultResponse: Setting<'error' | 'allow'> = choice({
  name: 'fault-response',
  default: 'error',
  choices: ['error', 'allow'],
  help: 'Answer to a review that cannot be decided: error is HTTP 503, so that the failurePolicy decides; allow lets the pod in unchanged, with a warning.',
});

/** Nobody waits longer for a pod to end; the kubelet's own grace period is 30 s by default. */
const maxPeriodMs = 3_600_000;

const drainPeriod: Setting<number> = duration({
  name: 'drain-period',
  // Longer than an endpoint takes to leave every kube-proxy; Gatekeeper waits 10 s as well.
  default: 10_000,
  min: 0,
  max: maxPeriodMs,
  help: 'After SIGTERM, serve on for this long, so that no API server meets a closed port.',
});

const shutdownTimeout: Setting<number> = duration({
  name: 'shutdown-timeout',
  // As the AWS webhook. An API server waits 10 s for a webhook by default.
  default: 10_000,
  min: 0,
  max: maxPeriodMs,
  help: 'After the drain, wait this long for requests in flight before cutting them.',
});

const mebibyte = 1_048_576;
/** A review of an ordinary pod has 3 to 40 KB; a smaller limit would refuse those. */
const minBodyBytes = 65_536;

export const maxBodyBytes: Setting<number> = integer({
  name: 'max-body-bytes',
  // Two objects of at most 3 MiB (the API server's own limit) and 1 MiB for the rest is 7 MiB, which controller-runtime
  // takes; rounded up (E9).
  default: 8 * mebibyte,
  min: minBodyBytes,
  max: 64 * mebibyte,
  help: 'Refuse larger reviews with HTTP 413.',
});

export const maxBytesInFlight: Setting<number> = integer({
  name: 'max-bytes-in-flight',
  // One namespace may have half: 1,000 pods of 8 KB at once (9 MB), or four of 3 MiB.
  default: 24 * mebibyte,
  min: minBodyBytes,
  max: 1024 * mebibyte,
  help: 'Answer HTTP 503 with Retry-After where bodies that are read or reviewed would be larger than this together; one namespace has half.',
});

const maxConnections: Setting<number> = integer({
  name: 'max-connections',
  // An API server has at most 200 mutating requests in flight by default; five of them. 256 more are
  // answered with 503; all beyond are reset, and not sent again.
  default: 1024,
  min: 1,
  max: 65_535,
  help: 'Accept at most this many connections to the TLS port at a time.',
});

const enableDebuggingHandlers: Setting<boolean> = boolean({
  name: 'enable-debugging-handlers',
  default: false,
  help: 'Show the cached ServiceAccounts at /debug/alpha/cache on the metrics port.',
});

export const servingGroup: SettingGroup = {
  title: 'Serving',
  settings: [
    port,
    bindAddress,
    metricsPort,
    metricsBindAddress,
    faultResponse,
    drainPeriod,
    shutdownTimeout,
    maxBodyBytes,
    maxBytesInFlight,
    maxConnections,
    enableDebuggingHandlers,
  ],
};

export function readServing(read: Read): ServingSettings {
  return {
    address: read(bindAddress) || undefined,
    port: read(port),
    metricsAddress: read(metricsBindAddress) || undefined,
    metricsPort: read(metricsPort),
    faultResponse: read(faultResponse),
    drainMs: read(drainPeriod),
    shutdownTimeoutMs: read(shutdownTimeout),
    maxBodyBytes: read(maxBodyBytes),
    maxBytesInFlight: read(maxBytesInFlight),
    maxConnections: read(maxConnections),
    debuggingHandlers: read(enableDebuggingHandlers),
  };
}
