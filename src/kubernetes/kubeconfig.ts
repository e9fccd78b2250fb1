import type { KubeConfig } from '@kubernetes/client-node';
import { createHash } from 'node:crypto';
import type { Agent } from 'node:http';
import type { RequestOptions } from 'node:https';
import { errorText } from '../util/error-text.ts';
import { createAgent, retireAgent, type Connection, type Credentials } from './connection.ts';
import { KubernetesError } from './kubernetes-error.ts';

/**
 * A connection from kubeconfig files, the first of which wins where they disagree (as KUBECONFIG lists do). `@kubernetes/client-node`
 * understands them, exec plugins and proxies included; it costs 30 MB and more, so it is loaded only here and only now.
 * Rejects with `no_credentials`.
 */
export async function openKubeconfig(
  paths: readonly string[],
  server: URL | undefined,
  choice: KubeconfigChoice = {},
): Promise<Connection> {
  const load = async (): Promise<KubeConfig> => applyChoice(await loadKubeconfig(paths), choice, paths);
  const config = await load();
  return new KubeconfigConnection(
    { paths, load, impersonate: choice.impersonate },
    config,
    server ?? serverOf(config, paths),
  );
}

/** What a person chose, as kubectl's options of the same names do. */
export interface KubeconfigChoice {
  readonly context?: string | undefined;
  readonly cluster?: string | undefined;
  readonly user?: string | undefined;
  readonly impersonate?: Impersonation | undefined;
}

/** https://kubernetes.io/docs/reference/access-authn-authz/authentication/#user-impersonation */
interface Impersonation {
  readonly user: string;
  readonly groups: readonly string[];
}

interface Kubeconfig {
  readonly paths: readonly string[];
  /** Reads the files again. */
  readonly load: () => Promise<KubeConfig>;
  readonly impersonate: Impersonation | undefined;
}

class KubeconfigConnection implements Connection {
  readonly server: URL;
  readonly namespace: string | undefined;
  readonly #kubeconfig: Kubeconfig;
  #config: KubeConfig;
  #stale = false;
  #reading: Promise<Credentials> | undefined;
  #agent: Agent | undefined;
  #agentKey = '';

  constructor(kubeconfig: Kubeconfig, config: KubeConfig, server: URL) {
    this.#kubeconfig = kubeconfig;
    this.#config = config;
    this.server = server;
    this.namespace = config.getContextObject(config.currentContext)?.namespace;
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
      this.#config = await this.#kubeconfig.load();
    }
    const options: RequestOptions = {};
    try {
      await this.#config.applyToHTTPSOptions(options);
    } catch (error) {
      throw noCredentials(this.#kubeconfig.paths, 'credentials that can be used', error);
    }
    return { agent: this.#agentFor(options), headers: { ...headersOf(options), ...this.#impersonation() } };
  }

  #impersonation(): Record<string, string | readonly string[]> {
    const { impersonate } = this.#kubeconfig;
    if (impersonate === undefined) return {};
    const groups = impersonate.groups.length === 0 ? {} : { 'impersonate-group': [...impersonate.groups] };
    return { 'impersonate-user': impersonate.user, ...groups };
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
    const { KubeConfig: Config } = await import('@kubernetes/client-node/dist/config.js');
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

/** A context of that name, and where cluster or user were chosen too, one made of them. */
function applyChoice(config: KubeConfig, choice: KubeconfigChoice, paths: readonly string[]): KubeConfig {
  const name = choice.context ?? config.currentContext;
  const context = config.getContextObject(name);
  if (choice.context !== undefined && context === null) throw missing(paths, 'context', choice.context);
  if (choice.cluster !== undefined && config.getCluster(choice.cluster) === null)
    throw missing(paths, 'cluster', choice.cluster);
  if (choice.user !== undefined && config.getUser(choice.user) === null) throw missing(paths, 'user', choice.user);
  config.setCurrentContext(name);
  if (choice.cluster === undefined && choice.user === undefined) return config;
  const chosen = {
    ...context,
    name: chosenContext,
    cluster: choice.cluster ?? context?.cluster ?? '',
    user: choice.user ?? context?.user ?? '',
  };
  config.addContext(chosen);
  config.setCurrentContext(chosenContext);
  return config;
}

/** No kubeconfig has a context of this name: it is not a name that kubectl can be given. */
const chosenContext = '\u0000chosen';

function missing(paths: readonly string[], kind: string, name: string): KubernetesError {
  return noCredentials(paths, `a ${kind} named "${name}", found none`);
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
