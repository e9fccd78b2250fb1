import type { Server, TLSSocket } from 'node:tls';
import type { Log } from '../util/log.ts';
import { createRateLimit } from '../util/rate-limit.ts';

/**
 * Logs failed handshakes. One that the client ended with an alert is worth a warning: most likely the `caBundle` of the
 * webhook configuration does not know our certificate, and no pod gets its identity (E142). Others come from port scans,
 * cut connections, and from the time before there is a certificate.
 */
export function logHandshakeErrors(server: Server, log: Log, now: () => number): void {
  const perMinute = createRateLimit({ intervalMs: 60_000, maxKeys: 16, now });
  server.on('tlsClientError', (error: Error & { code?: string }, socket: TLSSocket) => {
    const code = error.code ?? error.name;
    const fields = { code, client: socket.remoteAddress };
    if (!code.includes('ALERT')) return log.debug('TLS handshake failed.', fields);
    const more = perMinute.pass(code);
    if (more !== undefined) log.warn('A client refused the TLS handshake: does its caBundle fit?', { ...fields, more });
  });
}
