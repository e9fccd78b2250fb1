import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { get } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { findFreePorts } from '../test/support/cluster/free-ports.ts';
import { readImageStart } from '../test/support/image-start.ts';
import type { ApiServer } from './api-server.ts';
import { onExit } from './on-exit.ts';

export interface WebhookOptions {
  readonly apiServer: ApiServer;
  readonly certificatePath: string;
  readonly keyPath: string;
  /** What the command begins with, such as `taskset`. */
  readonly command: readonly string[];
  readonly nodeFlags: readonly string[];
}

/** How long our webhook took from the start of its process on, in milliseconds. */
export interface StartTimes {
  /** Until it took connections. */
  readonly listening: number;
  /** Until `/readyz` said so: it knows every ServiceAccount, or has been listing them for 1 s. */
  readonly ready: number;
}

export interface WebhookProcess {
  readonly url: URL;
  readonly pid: number;
  readonly started: StartTimes;
  /** Ends it at once. */
  stop(): Promise<void>;
}

const program = join(import.meta.dirname, '..', 'dist', 'irsa.js');
const startupMs = 30_000;
const pollMs = 2;

/**
 * Waits for a line on its standard input and becomes the webhook. A guard stays beside it, in the same process group: when
 * the bench is gone, even by SIGKILL, the guard's input ends and it ends the webhook.
 */
const launcher = `
exec 3<&0 </dev/null
read -r _ <&3
{ read -r _ <&3; kill -9 $$ 2>/dev/null; } &
exec "$@" 3<&-`;

/** Starts our webhook as it runs in a pod, and resolves when it is ready. */
export async function startWebhook(options: WebhookOptions): Promise<WebhookProcess> {
  const [port = 0, metricsPort = 0] = await findFreePorts(2);
  const child = launch(options, port, metricsPort);
  const output = collectOutput(child);
  const kill = (): void => killGroup(child);
  const { takeBack } = onExit(kill);
  const exited = once(child, 'exit');
  try {
    const started = await measureStart(child, port, metricsPort);
    const stop = async (): Promise<void> => {
      kill();
      await exited;
      takeBack();
    };
    return { url: new URL(`https://127.0.0.1:${port}/mutate`), pid: child.pid ?? 0, started, stop };
  } catch (error) {
    kill();
    throw new Error(`expected the webhook to start; it said:\n${output()}`, { cause: error });
  }
}

function launch(options: WebhookOptions, port: number, metricsPort: number): ChildProcess {
  const { apiServer, certificatePath, keyPath, command, nodeFlags } = options;
  const flags = [
    '--in-cluster=false',
    `--port=${port}`,
    '--bind-address=127.0.0.1',
    `--metrics-port=${metricsPort}`,
    '--metrics-bind-address=127.0.0.1',
    `--tls-cert=${certificatePath}`,
    `--tls-key=${keyPath}`,
    `--kube-credentials-path=${apiServer.credentialsPath}`,
  ];
  const node = [...command, process.execPath, ...nodeFlags, program, 'serve', ...flags];
  return spawn('/bin/sh', ['-c', launcher, 'sh', ...node], {
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
    // No more than a pod has: above all no NODE_OPTIONS and no KUBECONFIG.
    env: {
      ...readImageStart().environment,
      PATH: process.env['PATH'],
      KUBERNETES_SERVICE_HOST: '127.0.0.1',
      KUBERNETES_SERVICE_PORT: String(apiServer.port),
    },
  });
}

/** The webhook and its guard; there may be none left. */
function killGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // Both have ended by themselves.
  }
}

/** Reads what the webhook prints, as the container runtime does, and gives the end of it. */
function collectOutput(child: ChildProcess): () => string {
  const keptCharacters = 4_000;
  let tail = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      tail = (tail + chunk.toString('utf8')).slice(-keptCharacters);
    });
  }
  return () => tail;
}

async function measureStart(child: ChildProcess, port: number, metricsPort: number): Promise<StartTimes> {
  // The shell has to be there before the clock runs.
  await once(child, 'spawn');
  const startMs = performance.now();
  child.stdin?.write('\n');
  await poll(child, startMs, () => accepts(port));
  const listening = performance.now() - startMs;
  await poll(child, startMs, () => isReady(metricsPort));
  return { listening, ready: performance.now() - startMs };
}

async function poll(child: ChildProcess, startMs: number, check: () => Promise<boolean>): Promise<void> {
  while (!(await check())) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error('it ended');
    if (performance.now() - startMs > startupMs) throw new Error(`it was not ready within ${startupMs} ms`);
    await delay(pollMs);
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

function isReady(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const sent = get({ host: '127.0.0.1', port, path: '/readyz', agent: false }, response => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    sent.once('error', () => resolve(false));
  });
}
