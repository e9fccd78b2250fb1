import { constants } from 'node:crypto';
import type { SecureContextOptions, SecureVersion, Server } from 'node:tls';
import type { CertificateSource, ServingCertificate } from '../certificates/certificate-source.ts';
import { errorText } from '../util/error-text.ts';
import type { Log } from '../util/log.ts';

/** What `--tls-min-version` and `--tls-cipher-suites` say, as Node.js names it. */
export interface TlsOptions {
  readonly minVersion: SecureVersion;
  /** Undefined for Node's own choice. */
  readonly ciphers: string | undefined;
}

/**
 * Serves with the source's certificate now and after each change; connections that are open keep theirs. Returns the
 * function that ends it.
 */
export function followCertificate(server: Server, source: CertificateSource, tls: TlsOptions, log: Log): () => void {
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
