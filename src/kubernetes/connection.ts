import type { Agent } from 'node:http';

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
  /** The API server refused the credentials or was not trusted: they are read anew for the next request. */
  refresh(): void;
}
