import { createRateLimit } from '../util/rate-limit.ts';
import type { Log } from '../util/log.ts';
import { refusalReasons, type RefusalObserver, type RefusalReason } from '../util/refusal.ts';

/** What clients may take from a listener. All of it is explicit: Node.js and Fastify set no limit for some of it. */
export interface ServerLimits {
  /** Longest request body in bytes. */
  readonly bodyBytes: number;
  /** All bodies that are being received or reviewed, together, in bytes. */
  readonly bodyBytesInFlight: number;
  /** So many bodies at a time are received to the end although they are refused; beyond that, connections are closed. */
  readonly bodiesDiscarded: number;
  /** A longer body is reviewed in its turn, so that others get the event loop in between. */
  readonly smallBodyBytes: number;
  /** All answers that are on their way to their readers, together, in bytes. */
  readonly answerBytesInFlight: number;
  /** From the first byte of an answer until its reader has taken the last one. */
  readonly answerMs: number;
  readonly connections: number;
  /** So many more are accepted to be told to come again; all beyond are closed at once. */
  readonly surplusConnections: number;
  /** How fast connections begin. */
  readonly pace: Pace;
  /** A peer with no more connections than this loses none to others. */
  readonly connectionsKept: number;
  /** From the connection to the end of the TLS handshake. */
  readonly handshakeMs: number;
  /** While no more are open, one on which no request has begun may wait `keepAliveMs` for its first, instead of `headersMs`. */
  readonly quietConnections: number;
  /** From the first byte of a request to the end of its headers. */
  readonly headersMs: number;
  /** From the first byte of a request to the end of its body. */
  readonly requestMs: number;
  /** How often the two limits above are looked at: a connection is cut that much later at most. */
  readonly checkIntervalMs: number;
  /** How long a connection may wait for its next request. */
  readonly keepAliveMs: number;
}

/** How fast connections begin. */
export interface Pace {
  /** So many connections begin in one round of the event loop. */
  readonly perRound: number;
  /** So many in a second, once `burst` have begun. */
  readonly perSecond: number;
  readonly burst: number;
}

/** The limits that an operator sets. */
export interface AdmissionLimitSettings {
  readonly maxBodyBytes: number;
  readonly maxBytesInFlight: number;
  readonly maxConnections: number;
}

type TimeLimits = Pick<
  ServerLimits,
  'handshakeMs' | 'headersMs' | 'requestMs' | 'answerMs' | 'checkIntervalMs' | 'keepAliveMs'
>;

const timeLimits: TimeLimits = {
  // The API server gives the handshake 10 s, and sends its request at once.
  handshakeMs: 5_000,
  headersMs: 5_000,
  // The default timeoutSeconds of a webhook: nobody waits for an answer after that.
  requestMs: 10_000,
  answerMs: 10_000,
  checkIntervalMs: 1_000,
  // kube-apiserver keeps idle connections for 90 s. Whoever closes first races with the other's next request: 11 % of
  // the calls failed with equal times, none with 120 s.
  keepAliveMs: 120_000,
};

/** The limits of the listener for probes and metrics, whose requests have no body. */
export const operationsLimits: ServerLimits = {
  ...timeLimits,
  bodyBytes: 0,
  bodyBytesInFlight: 0,
  bodiesDiscarded: 0,
  smallBodyBytes: 0,
  answerBytesInFlight: 0,
  // The kubelet and a few scrapers.
  connections: 64,
  quietConnections: 32,
  surplusConnections: 0,
  // Probes connect each time, and a scraper sends its GET once more when its connection was closed.
  connectionsKept: 0,
  // There is no handshake.
  pace: {
    perRound: Number.POSITIVE_INFINITY,
    perSecond: Number.POSITIVE_INFINITY,
    burst: Number.POSITIVE_INFINITY,
  },
  keepAliveMs: 5_000,
};

/** More than the 200 requests that an API server has in flight by default. Each is closed after its request, or after 5 s without. */
const surplusConnections = 256;

/** 4,000 containers with the longest role have 5.6 MB, in Base64; region and session name add 1.6 MB. */
const maxAnswerBytes = 8 * 1_048_576;

/**
 * How many TLS handshakes begin in one round of the event loop. One takes about 2 ms of processor time, and all those that are
 * ready are done in the same round: 1,200 at once held up the reviews of others for 0.5 s.
 */
const handshakesPerRound = 2;

/**
 * How many TLS handshakes begin in a second when more than `--max-connections` have begun lately: half of a core. API servers
 * keep their connections, so only callers that come and go all the time have to wait.
 */
const handshakesPerSecond = 200;

/** Files that are not connections of clients: those to the API server, the log, folders that are watched, both listeners. */
const otherFiles = 64;

/**
 * The limits of the listener that the API server calls. `openFiles` is how many the process may have open. Were there more
 * connections than that, the kernel would refuse new ones on both ports, and nobody would be told.
 */
export function admissionLimits(settings: AdmissionLimitSettings, openFiles: number): ServerLimits {
  const mostConnections = openFiles - surplusConnections - operationsLimits.connections - otherFiles;
  const connections = Math.max(1, Math.min(settings.maxConnections, mostConnections));
  return {
    ...timeLimits,
    // A body of more than all together would be told to come again, and again.
    bodyBytes: Math.min(settings.maxBodyBytes, settings.maxBytesInFlight),
    bodyBytesInFlight: settings.maxBytesInFlight,
    // The kernel and the TLS of a connection that receives hold up to 0.5 MB. An API server has 200 requests in flight by
    // default, and most bodies come in one piece.
    bodiesDiscarded: 128,
    // Reviews of ordinary pods have 3 to 40 KB.
    smallBodyBytes: 65_536,
    // 3,000 answers for ordinary pods have 16 MB.
    answerBytesInFlight: 2 * maxAnswerBytes,
    connections,
    // kube-apiserver keeps 25 idle connections to a webhook; the other half stays free for those that have something to say.
    quietConnections: connections / 2,
    surplusConnections,
    // kube-apiserver keeps 25 idle ones, and does not repeat a POST on one that was closed.
    connectionsKept: 32,
    pace: { perRound: handshakesPerRound, perSecond: handshakesPerSecond, burst: connections },
  };
}

/** Where the limits report what they refused. */
export interface Refusals {
  /** `peer` is whose connection it was. */
  add(reason: RefusalReason, peer: string): void;
}

/** Counts each refusal, and logs a line a minute for each reason. */
export function createRefusals(observer: RefusalObserver, log: Log, now: () => number): Refusals {
  const perMinute = createRateLimit({ intervalMs: 60_000, maxKeys: refusalReasons.length, now });
  return {
    add(reason, peer) {
      observer.refused(reason);
      const more = perMinute.pass(reason);
      if (more !== undefined) log.warn('A caller was refused more than its share.', { reason, client: peer, more });
    },
  };
}
