import { once } from 'node:events';
import { connect, type PeerCertificate } from 'node:tls';

export interface Endpoint {
  readonly port: number;
  readonly ca?: string;
  readonly servername?: string;
}

/** The certificate that a new connection gets. Without `ca` any is taken. */
export async function servedCertificate({ port, ca, servername = 'localhost' }: Endpoint): Promise<PeerCertificate> {
  const trust = ca === undefined ? { rejectUnauthorized: false } : { ca };
  const socket = connect({ host: '127.0.0.1', port, servername, ...trust });
  try {
    await once(socket, 'secureConnect');
    return socket.getPeerCertificate();
  } finally {
    socket.destroy();
  }
}
