/** What clients may take from a listener. All of it is explicit: Node.js and Fastify set no limit for some of it. */
export interface ServerLimits {
  /** Longest request body in bytes. */
  readonly bodyBytes: number;
  /** All bodies of more than `smallBodyBytes` that are being received or reviewed, together, in bytes. */
  readonly bodyBytesInFlight: number;
  /** Bodies that declare no more than this do not count as in flight, so that large ones cannot shut them out. */
  readonly smallBodyBytes: number;
  readonly connections: number;
  /** So many more are accepted to be told to come again; all beyond are reset. */
  readonly surplusConnections: number;
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

/** The limits that an operator sets. */
export interface AdmissionLimitSettings {
  readonly maxBodyBytes: number;
  readonly maxBytesInFlight: number;
  readonly maxConnections: number;
}

type TimeLimits = Pick<ServerLimits, 'handshakeMs' | 'headersMs' | 'requestMs' | 'checkIntervalMs' | 'keepAliveMs'>;

const timeLimits: TimeLimits = {
  // The API server gives the handshake 10 s, and sends its request at once.
  handshakeMs: 5_000,
  headersMs: 5_000,
  // The default timeoutSeconds of a webhook: nobody waits for an answer after that.
  requestMs: 10_000,
  checkIntervalMs: 1_000,
  // kube-apiserver keeps idle connections for 90 s. Whoever closes first races with the other's next request: 11 % of
  // the calls failed with equal times, none with 120 s.
  keepAliveMs: 120_000,
};

/** The limits of the listener that the API server calls. */
export function admissionLimits(settings: AdmissionLimitSettings): ServerLimits {
  return {
    ...timeLimits,
    // A body of more than all together would be told to come again, and again.
    bodyBytes: Math.min(settings.maxBodyBytes, settings.maxBytesInFlight),
    bodyBytesInFlight: settings.maxBytesInFlight,
    // Reviews of ordinary pods have 3 to 40 KB. On 1,024 connections at once: 64 MiB.
    smallBodyBytes: 65_536,
    connections: settings.maxConnections,
    // kube-apiserver keeps 25 idle connections to a webhook; the other half stays free for those that have something to say.
    quietConnections: settings.maxConnections / 2,
    // More than the 200 requests that an API server has in flight by default. Each is closed after its request, or after
    // 5 s without one.
    surplusConnections: 256,
  };
}

/** The limits of the listener for probes and metrics, whose requests have no body. */
export const operationsLimits: ServerLimits = {
  ...timeLimits,
  bodyBytes: 0,
  bodyBytesInFlight: 0,
  smallBodyBytes: 0,
  // The kubelet and a few scrapers.
  connections: 64,
  quietConnections: 32,
  surplusConnections: 0,
};
