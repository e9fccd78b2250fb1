import { Agent } from 'node:http';
import { Agent as TlsAgent, type AgentOptions } from 'node:https';

/** With what one request is sent. */
export interface Credentials {
  /** Knows whom to trust (CA) and, where there is one, the client certificate. */
  readonly agent: Agent;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
}

/** Where the API server is and how to be let in. */
export interface Connection {
  /** Base URL; it may have a path, as behind a proxy for several clusters. */
  readonly server: URL;
  /** The namespace that the kubeconfig's context names. */
  readonly namespace?: string | undefined;
  /** Credentials for the next request; reads files that may have changed. Rejects with `no_credentials`. */
  credentials(): Promise<Credentials>;
  /** The API server refused the credentials or was not trusted: they are read again for the next request. */
  refresh(): void;
}

/**
 * Idle connections are closed after this long: below the API server's 90 s and below what load balancers keep, so that
 * no request is written to a connection that the other side has given up.
 */
const idleMs = 30_000;

/**
 * Idle connections kept for live reads, as many as there are reads at a time: with fewer, a steady stream of reads would open a
 * new one for most of them, each with a TLS handshake.
 */
const maxIdleConnections = 32;

/** An agent for the API server, which keeps a few connections open between requests. */
export function createAgent(server: URL, tls: AgentOptions): Agent {
  const options = { keepAlive: true, timeout: idleMs, maxFreeSockets: maxIdleConnections };
  return server.protocol === 'http:' ? new Agent(options) : new TlsAgent({ ...options, ...tls });
}

/** Closes the idle connections of an agent that is replaced; those in use, such as a watch, go on. */
export function retireAgent(agent: Agent): void {
  for (const sockets of Object.values(agent.freeSockets)) {
    for (const socket of sockets ?? []) socket.destroy();
  }
}
