import { constants } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { SecureContextOptions, SecureVersion, Server } from 'node:tls';
import type { CertificateSource, ServingCertificate } from '../certificates/certificate-source.ts';
import { withinDeadline } from '../util/waiting.ts';
import { errorText } from '../util/error-text.ts';
import type { Log } from '../util/log.ts';
import { buildAdmissionApp, type AdmissionAppOptions } from './admission-app.ts';
import type { App } from './create-app.ts';
import { listen, type ListenAddress } from './listen.ts';
import { buildOperationsApp, type OperationsAppOptions } from './operations-app.ts';

/** Probes and scrapes take milliseconds; nobody misses one at the very end. */
const operationsCloseMs = 1_000;

type AppParts<T> = Omit<T, 'isDraining' | 'log'>;

/** What `--tls-min-version` and `--tls-cipher-suites` say, as Node.js names it. */
export interface TlsOptions {
  readonly minVersion: SecureVersion;
  /** Undefined for Node's own choice. */
  readonly ciphers: string | undefined;
}

export interface ServeOptions {
  readonly admission: AppParts<AdmissionAppOptions> & ListenAddress;
  readonly operations: AppParts<OperationsAppOptions> & ListenAddress;
  readonly certificates: CertificateSource;
  readonly tls: TlsOptions;
  /** How long requests are still accepted after the signal; longer than an endpoint takes to leave every kube-proxy. */
  readonly drainMs: number;
  /** How long requests in flight may take after that. */
  readonly shutdownTimeoutMs: number;
  readonly log: Log;
}

/** Both listeners, open. */
export interface Serving {
  readonly admissionAddress: AddressInfo;
  readonly operationsAddress: AddressInfo;
  /** Serves until the signal, then drains and closes, and resolves when that is done. */
  run(signal: AbortSignal): Promise<void>;
}

/** Opens both listeners. Rejects with a ListenError, with neither of them open. */
export async function startServing(options: ServeOptions): Promise<Serving> {
  const { certificates, log, tls } = options;
  const drain = createDrainState();
  const shared = { isDraining: drain.isDraining, log };
  const admission = buildAdmissionApp({ ...options.admission, ...shared });
  const operations = buildOperationsApp({ ...options.operations, ...shared });
  const stopFollowing = followCertificate(admission.server, certificates, tls, log);
  const close = async (): Promise<void> => {
    const cut = await closeApp(admission, options.shutdownTimeoutMs);
    if (cut > 0) log.warn('Connections cut, they did not end in time.', { connections: cut });
    await closeApp(operations, operationsCloseMs);
    stopFollowing();
  };
  try {
    const operationsAddress = await listenAndLog(operations, options.operations, log);
    const admissionAddress = await listenAndLog(admission, options.admission, log);
    return { admissionAddress, operationsAddress, run: signal => runUntil(signal, drain, close, options) };
  } catch (error) {
    await close();
    throw error;
  }
}

async function listenAndLog(app: App, wanted: ListenAddress, log: Log): Promise<AddressInfo> {
  const bound = await listen(app, wanted);
  const { address, port } = bound;
  // For example no file descriptor left to accept a connection with: that must not end the process.
  app.server.on('error', error => log.error('Listener failed.', { address, port, detail: errorText(error) }));
  log.info('Listening.', { address, port, flag: wanted.portFlag });
  return bound;
}

/**
 * Serves with the source's certificate now and after each change; connections that are open keep theirs. Returns the
 * function that ends it.
 */
function followCertificate(server: Server, source: CertificateSource, tls: TlsOptions, log: Log): () => void {
  const serve = ({ certificate, key }: ServingCertificate): void => {
    try {
      // This replaces all options: called without minVersion, it would let TLS 1.2 clients in again.
      server.setSecureContext({ ...toContextOptions(tls), cert: certificate, key });
    } catch (error) {
      log.error('Certificate not taken by TLS.', { detail: errorText(error) });
    }
  };
  const current = source.current();
  if (current !== undefined) serve(current);
  return source.subscribe(serve);
}

function toContextOptions({ minVersion, ciphers }: TlsOptions): SecureContextOptions {
  // Renegotiation (TLS 1.2) costs the server a handshake for a few bytes of the client's; no API server asks for it.
  const secureOptions = constants.SSL_OP_NO_RENEGOTIATION;
  return ciphers === undefined ? { minVersion, secureOptions } : { minVersion, secureOptions, ciphers };
}

/** True when this process is about to end: it still answers, and tells clients to go elsewhere next time. */
interface DrainState {
  begin(): void;
  readonly isDraining: () => boolean;
}

function createDrainState(): DrainState {
  let draining = false;
  return {
    begin() {
      draining = true;
    },
    isDraining: () => draining,
  };
}

/** In this order none of 78,000 requests failed while 25 processes ended; closing first lost some each time. */
async function runUntil(
  signal: AbortSignal,
  drain: DrainState,
  close: () => Promise<void>,
  { drainMs, log }: ServeOptions,
): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort');
  drain.begin();
  log.info('Draining.', { drainMs });
  await delay(drainMs);
  log.info('Closing.');
  await close();
  log.info('Closed.');
}

/**
 * Stops listening, closes idle connections, waits for requests in flight up to `timeoutMs` and cuts the rest. Resolves
 * with the number of connections that were cut.
 */
async function closeApp({ fastify, connections, moreListeners }: App, timeoutMs: number): Promise<number> {
  for (const listener of moreListeners) listener.close();
  // The server waits for the connections of its own listener only.
  const closed = Promise.all([fastify.close(), connections.ended()]);
  const { kind } = await withinDeadline(closed, timeoutMs);
  if (kind === 'settled') return 0;
  const cut = connections.cutAll();
  await closed;
  return cut;
}
