import type { Agent } from 'node:http';
import { readFile } from 'node:fs/promises';
import { isIPv6 } from 'node:net';
import { createAgent, type Connection, retireAgent, type Credentials } from './connection.ts';
import { openKubeconfig, type KubeconfigChoice } from './kubeconfig.ts';
import { KubernetesError } from './kubernetes-error.ts';
import { errorText } from '../util/error-text.ts';

/** What the flags and the environment say about the API server. */
export interface ConnectionSettings {
  /** `--kubeconfig`, or the entries of KUBECONFIG; empty means in-cluster. */
  readonly kubeconfigPaths: readonly string[];
  /** `--kube-api`, a URL that takes the place of the one found otherwise; empty means none. */
  readonly kubeApi: string;
  /** KUBERNETES_SERVICE_HOST */
  readonly serviceHost: string | undefined;
  /** KUBERNETES_SERVICE_PORT */
  readonly servicePort: string | undefined;
  readonly tokenPath: string;
  readonly caPath: string;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  /** What a person chose in the kubeconfig. */
  readonly choice?: KubeconfigChoice;
}

/**
 * How to reach the API server: a kubeconfig where one is given, else as a pod does. Nothing is sent yet.
 * Rejects with `no_credentials`, with what was expected and where.
 */
export async function openConnection(settings: ConnectionSettings): Promise<Connection> {
  const override = parseKubeApi(settings.kubeApi);
  if (settings.kubeconfigPaths.length > 0) {
    return openKubeconfig(settings.kubeconfigPaths, override, settings.choice);
  }
  // A token never goes over a connection that others can read: `kubectl proxy` brings its own credentials.
  if (override?.protocol === 'http:') return plainConnection(override);
  const server = override ?? inClusterServer(settings.serviceHost, settings.servicePort);
  return new InClusterConnection({ ...settings, server });
}

function parseKubeApi(text: string): URL | undefined {
  if (text === '') return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'https:' || url?.protocol === 'http:') return url;
  throw new KubernetesError('no_credentials', `--kube-api: expected an https URL, found "${text}"`);
}

function plainConnection(server: URL): Connection {
  const credentials = Promise.resolve({ agent: createAgent(server, {}), headers: {} });
  return { server, credentials: () => credentials, refresh: () => undefined };
}

/** Where a pod finds its own credentials. */
export interface InClusterSettings {
  readonly server: URL;
  /** `/var/run/secrets/kubernetes.io/serviceaccount/token` */
  readonly tokenPath: string;
  /** `/var/run/secrets/kubernetes.io/serviceaccount/ca.crt` */
  readonly caPath: string;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

/** Projected tokens are replaced when 80 % of their life is over, so ten seconds of an old one never hurt. */
const rereadMs = 10_000;

/** URL of the API server from KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT. Throws `no_credentials`. */
export function inClusterServer(host: string | undefined, port: string | undefined): URL {
  const name = host !== undefined && isIPv6(host) ? `[${host}]` : (host ?? '');
  const url = `https://${name}:${port ?? ''}`;
  if (name === '' || !URL.canParse(url)) {
    throw new KubernetesError(
      'no_credentials',
      'expected KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT, as in a pod, or a kubeconfig: ' +
        `found host "${host ?? ''}" and port "${port ?? ''}"`,
    );
  }
  return new URL(url);
}

/** The connection of a pod: bearer token and CA from the files of its ServiceAccount, followed as they are rotated. */
export class InClusterConnection implements Connection {
  readonly server: URL;
  readonly #settings: InClusterSettings;
  #readAtMs = Number.NEGATIVE_INFINITY;
  #reading: Promise<Credentials> | undefined;
  #current: Credentials | undefined;
  #ca = '';

  constructor(settings: InClusterSettings) {
    this.server = settings.server;
    this.#settings = settings;
  }

  credentials(): Promise<Credentials> {
    if (this.#reading !== undefined) return this.#reading;
    const fresh = this.#settings.now() - this.#readAtMs < rereadMs;
    if (fresh && this.#current !== undefined) return Promise.resolve(this.#current);
    this.#reading = this.#read().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  refresh(): void {
    this.#readAtMs = Number.NEGATIVE_INFINITY;
  }

  /** A file that cannot be read for a moment, while it is replaced, does not undo the good credentials. */
  async #read(): Promise<Credentials> {
    this.#readAtMs = this.#settings.now();
    try {
      const token = await readNonEmpty(this.#settings.tokenPath, 'a ServiceAccount token');
      const ca = await readNonEmpty(this.#settings.caPath, 'the CA of the API server');
      this.#current = { agent: this.#agentFor(ca), headers: { authorization: `Bearer ${token}` } };
      return this.#current;
    } catch (error) {
      if (this.#current === undefined) throw error;
      return this.#current;
    }
  }

  #agentFor(ca: string): Agent {
    const agent = this.#current?.agent;
    if (agent !== undefined && ca === this.#ca) return agent;
    if (agent !== undefined) retireAgent(agent);
    this.#ca = ca;
    return createAgent(this.server, { ca });
  }
}

async function readNonEmpty(path: string, what: string): Promise<string> {
  try {
    const text = (await readFile(path, 'utf8')).trim();
    if (text !== '') return text;
  } catch (error) {
    throw new KubernetesError('no_credentials', `expected ${what} at ${path}: ${errorText(error)}`, { cause: error });
  }
  throw new KubernetesError('no_credentials', `expected ${what} at ${path}: found an empty file`);
}
