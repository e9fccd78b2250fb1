import type { KubeConfig } from '@kubernetes/client-node';
import { createHash } from 'node:crypto';
import type { Agent } from 'node:http';
import type { RequestOptions } from 'node:https';
import { errorText } from '../util/error-text.ts';
import { createAgent, retireAgent } from './agent.ts';
import type { Connection, Credentials } from './connection.ts';
import { KubernetesError } from './kubernetes-error.ts';

/**
 * A connection from kubeconfig files, the first of which wins where they disagree (as KUBECONFIG lists do). `@kubernetes/client-node`
 * understands them, exec plugins and proxies included; it costs 30 MB and more, so it is loaded only here and only now.
 * Rejects with `no_credentials`.
 */
export async function openKubeconfig(paths: readonly string[], server: URL | undefined): Promise<Connection> {
  const config = await loadKubeconfig(paths);
  return new KubeconfigConnection(paths, config, server ?? serverOf(config, paths));
}

class KubeconfigConnection implements Connection {
  readonly server: URL;
  readonly #paths: readonly string[];
  #config: KubeConfig;
  #stale = false;
  #reading: Promise<Credentials> | undefined;
  #agent: Agent | undefined;
  #agentKey = '';

  constructor(paths: readonly string[], config: KubeConfig, server: URL) {
    this.#paths = paths;
    this.#config = config;
    this.server = server;
  }

  /** Shared by all who ask at the same time, so that an exec plugin runs once for them. */
  credentials(): Promise<Credentials> {
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  /** Loading the files again also drops what an exec plugin gave before. */
  refresh(): void {
    this.#stale = true;
  }

  async #read(): Promise<Credentials> {
    if (this.#stale) {
      this.#stale = false;
      this.#config = await loadKubeconfig(this.#paths);
    }
    const options: RequestOptions = {};
    try {
      await this.#config.applyToHTTPSOptions(options);
    } catch (error) {
      throw noCredentials(this.#paths, 'credentials that can be used', error);
    }
    return { agent: this.#agentFor(options), headers: headersOf(options) };
  }

  /** Our own agent, because theirs keeps the first client certificate for ever; a proxy needs theirs. */
  #agentFor(options: RequestOptions): Agent {
    if (typeof options.agent === 'object' && this.#config.getCurrentCluster()?.proxyUrl) return options.agent;
    const { ca, cert, key, rejectUnauthorized, servername } = options;
    const agentKey = digest([ca, cert, key, rejectUnauthorized, servername]);
    if (this.#agent !== undefined && agentKey === this.#agentKey) return this.#agent;
    if (this.#agent !== undefined) retireAgent(this.#agent);
    this.#agent = createAgent(this.server, { ca, cert, key, rejectUnauthorized, servername });
    this.#agentKey = agentKey;
    return this.#agent;
  }
}

function digest(values: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(values)).digest('base64');
}

function headersOf(options: RequestOptions): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(options.headers ?? {})) {
    if (value !== undefined) headers[name.toLowerCase()] = String(value);
  }
  if (typeof options.auth === 'string') {
    headers['authorization'] = `Basic ${Buffer.from(options.auth).toString('base64')}`;
  }
  return headers;
}

async function loadKubeconfig(paths: readonly string[]): Promise<KubeConfig> {
  try {
    const { KubeConfig: Config } = await import('@kubernetes/client-node');
    const [first, ...others] = paths.map(path => {
      const config = new Config();
      config.loadFromFile(path);
      return config;
    });
    if (first === undefined) throw new TypeError('expected at least one path');
    for (const other of others) addMissing(first, other);
    return first;
  } catch (error) {
    throw noCredentials(paths, 'a readable kubeconfig', error);
  }
}

function addMissing(config: KubeConfig, other: KubeConfig): void {
  if (!config.currentContext) config.setCurrentContext(other.currentContext);
  for (const cluster of other.clusters) if (config.getCluster(cluster.name) === null) config.addCluster(cluster);
  for (const user of other.users) if (config.getUser(user.name) === null) config.addUser(user);
  for (const context of other.contexts) {
    if (config.getContextObject(context.name) === null) config.addContext(context);
  }
}

function serverOf(config: KubeConfig, paths: readonly string[]): URL {
  const server = config.getCurrentCluster()?.server;
  if (server !== undefined && URL.canParse(server)) return new URL(server);
  const found = `context "${config.currentContext}" and server "${server ?? ''}"`;
  throw noCredentials(paths, `a current context with the URL of its cluster, found ${found}`);
}

function noCredentials(paths: readonly string[], expected: string, cause?: unknown): KubernetesError {
  const message = `kubeconfig ${paths.join(', ')}: expected ${expected}`;
  if (cause === undefined) return new KubernetesError('no_credentials', message);
  return new KubernetesError('no_credentials', `${message}: ${errorText(cause)}`, { cause });
}
