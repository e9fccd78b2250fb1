import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { access } from 'node:fs/promises';
import { get } from 'node:http';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { findFreePorts } from './cluster/free-ports.ts';
import { createCertificateAuthority, type CertificateAuthority, type IssuedCertificate } from './certificates.ts';
import { writeMountedVolume } from './mounted-volume.ts';
import { createTempFolder } from './temp-folder.ts';
import { waitFor } from './wait-for.ts';

/** The built program; `make test` builds it first. */
export const programPath: string = join(import.meta.dirname, '..', '..', 'dist', 'irsa.js');

/** Generous for two busy cores: half a second is usual. */
const startTimeoutMs = 30_000;

export interface WebhookProcessOptions {
  /** `https://host:port` of the API server, given to the program as a pod has it. Default: none. */
  readonly apiServer?: string | URL;
  /** Folder with `token` and `ca.crt`. */
  readonly credentials?: string;
  /** Beside the ones for ports, certificate and credentials; of two that are the same the later wins. */
  readonly flags?: readonly string[];
  /** Beside PATH and what tells of the API server. */
  readonly environment?: { readonly [name: string]: string };
  /** False: the folder of the certificate is empty at first. */
  readonly withCertificate?: boolean;
  /** Another build of the program. Default: `programPath`. */
  readonly program?: string;
  /** What the command begins with, such as `taskset`; it becomes the program. */
  readonly command?: readonly string[];
  /** Where standard output goes. Default: it is read, see `log()`. */
  readonly stdout?: number;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** One line of the log, parsed. */
export interface LogLine {
  readonly level?: unknown;
  readonly ts?: unknown;
  readonly msg?: unknown;
  readonly [field: string]: unknown;
}

/** `irsa serve` as a child process that cannot outlive this one. */
export interface WebhookProcess extends AsyncDisposable {
  /** Of `/mutate`, for a webhook configuration. */
  readonly url: string;
  readonly port: number;
  readonly metricsPort: number;
  readonly pid: number;
  readonly authority: CertificateAuthority;
  /** PEM, for a webhook configuration. */
  readonly caBundle: string;
  /** Resolves when the program has ended, however. */
  readonly exited: Promise<Exit>;
  readonly isRunning: () => boolean;
  /** Replaces the certificate as the kubelet does; without argument by a new one of the same authority. */
  rotateCertificate(pair?: IssuedCertificate): Promise<void>;
  /** Waits until `/readyz` says yes. Fails, with what the program said, when it has ended or takes too long. */
  ready(): Promise<void>;
  /** Waits until reviews are answered in some way: the port is open and the certificate is there. */
  listening(): Promise<void>;
  /** GET on the plain listener. */
  ask(path: string): Promise<{ readonly status: number; readonly body: string }>;
  /** The value of one series, such as `name{label="value"}`; undefined when the page has none. */
  metric(series: string): Promise<number | undefined>;
  /** What was written to standard output up to now, line by line. Throws on a line that is not JSON. */
  log(): readonly LogLine[];
  /** Waits for the first line with these fields; the log is written with a little delay. */
  logged(fields: LogLine): Promise<LogLine>;
  /** Everything written to standard output and error up to now. */
  output(): string;
  /** Stops reading standard output for good, as a log collector that has gone. */
  closeOutput(): void;
  signal(name: NodeJS.Signals): void;
  /** Sends the signal and waits for the end. */
  stop(name?: NodeJS.Signals): Promise<Exit>;
  kill(): Promise<Exit>;
}

/** Starts the program and waits until it is ready. */
export async function startWebhook(options: WebhookProcessOptions = {}): Promise<WebhookProcess> {
  const webhook = await launchWebhook(options);
  try {
    await webhook.ready();
    return webhook;
  } catch (error) {
    await webhook[Symbol.asyncDispose]();
    throw error;
  }
}

/** Starts the program and returns at once. */
export async function launchWebhook(options: WebhookProcessOptions = {}): Promise<WebhookProcess> {
  await checkBuilt();
  const [port = 0, metricsPort = 0] = await findFreePorts(2);
  const folder = await createTempFolder();
  const certificates = join(folder.path, 'certs');
  const authority = createCertificateAuthority({ commonName: 'webhook' });
  const rotateCertificate = (pair = authority.issue()): Promise<void> =>
    writeMountedVolume(certificates, { 'tls.crt': pair.certificate, 'tls.key': pair.key });
  if (options.withCertificate === false) await writeMountedVolume(certificates, {});
  else await rotateCertificate();

  const flags = [
    '--in-cluster=false',
    '--bind-address=127.0.0.1',
    '--metrics-bind-address=127.0.0.1',
    `--port=${port}`,
    `--metrics-port=${metricsPort}`,
    `--tls-cert=${join(certificates, 'tls.crt')}`,
    `--tls-key=${join(certificates, 'tls.key')}`,
    // It would win over KUBECONFIG.
    ...(options.environment?.['KUBECONFIG'] === undefined
      ? [`--kube-credentials-path=${options.credentials ?? folder.path}`]
      : []),
    ...(options.flags ?? []),
  ];
  const command = [...(options.command ?? []), process.execPath, options.program ?? programPath, 'serve', ...flags];
  const child = await spawnGuarded(folder.path, command, environmentOf(options), options.stdout);
  const exited = childExit(child);
  const output = collect(child);
  const isRunning = (): boolean => child.exitCode === null && child.signalCode === null;
  const ask = (path: string): Promise<{ status: number; body: string }> => askPlainly(metricsPort, path);
  const stop = (name: NodeJS.Signals): Promise<Exit> => {
    if (isRunning()) child.kill(name);
    return exited;
  };
  const until = async (state: string, isReached: () => Promise<boolean>): Promise<void> => {
    const isDecided = async (): Promise<boolean> => !isRunning() || (await isReached());
    const what = `the webhook to be ${state}`;
    await waitFor(isDecided, { what, timeoutMs: startTimeoutMs }).catch((cause: unknown) => {
      throw new Error(`expected the webhook to be ${state} in time, it said:\n${output.all()}`, { cause });
    });
    if (!isRunning()) throw new Error(`expected the webhook to be ${state}, it ended and said:\n${output.all()}`);
  };
  return {
    url: `https://127.0.0.1:${port}/mutate`,
    port,
    metricsPort,
    pid: child.pid ?? 0,
    authority,
    caBundle: authority.certificate,
    exited,
    isRunning,
    rotateCertificate,
    ask,
    ready: () => until('ready', async () => (await ask('/readyz')).status === 200),
    listening: () => until('listening', async () => (await ask('/readyz')).body.includes('[+]certificate ok')),
    metric: async series => readSeries((await ask('/metrics')).body, series),
    log: () => parseLines(output.stdout()),
    logged: fields => {
      const find = (): LogLine | undefined => parseLines(output.stdout()).find(line => hasFields(line, fields));
      return waitFor(find, { what: `a log line with ${JSON.stringify(fields)}` });
    },
    output: output.all,
    closeOutput: () => void child.stdout?.destroy(),
    signal: name => void child.kill(name),
    stop: (name = 'SIGTERM') => stop(name),
    kill: () => stop('SIGKILL'),
    async [Symbol.asyncDispose]() {
      await stop('SIGKILL');
      await folder[Symbol.asyncDispose]();
    },
  };
}

/** Throws, with what to do, when there is no built program. */
export async function checkBuilt(): Promise<void> {
  await access(programPath).catch((cause: unknown) => {
    throw new Error(`expected the built program at ${programPath}: run "make build" first`, { cause });
  });
}

/** No more than a pod has: above all no NODE_OPTIONS and no KUBECONFIG. */
function environmentOf({ apiServer, environment }: WebhookProcessOptions): NodeJS.ProcessEnv {
  const url = apiServer === undefined ? undefined : new URL(apiServer);
  return {
    PATH: process.env['PATH'],
    ...(url !== undefined && { KUBERNETES_SERVICE_HOST: url.hostname, KUBERNETES_SERVICE_PORT: url.port }),
    ...environment,
  };
}

/**
 * Becomes the program, and leaves a guard beside it that kills it and removes the folder when this process has gone, even
 * by SIGKILL: then the pipe at 3 closes. The guard holds neither standard output nor error open.
 */
const launcher = `
folder=$1; shift
{ read -r _ <&3; kill -9 $$; rm -rf "$folder"; } >/dev/null 2>&1 &
exec "$@" 3<&-`;

async function spawnGuarded(
  folder: string,
  command: readonly string[],
  env: NodeJS.ProcessEnv,
  stdout: number | 'pipe' = 'pipe',
): Promise<ChildProcess> {
  const child = spawn('/bin/sh', ['-c', launcher, 'sh', folder, ...command], {
    env,
    cwd: '/',
    detached: true,
    stdio: ['ignore', stdout, 'pipe', 'pipe'],
  });
  await once(child, 'spawn');
  const pipe = child.stdio[3];
  child.once('exit', () => {
    endGuard(child);
    pipe?.destroy();
  });
  if (pipe instanceof Socket) pipe.on('error', () => undefined);
  return child;
}

/** Of the group only the guard is left. */
function endGuard({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // It has gone already.
  }
}

/** Waits for the end of its output too, so that the last lines are there. */
function childExit(child: ChildProcess): Promise<Exit> {
  return new Promise(resolve => {
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
}

interface Output {
  readonly stdout: () => string;
  readonly all: () => string;
}

function collect(child: ChildProcess): Output {
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr?.on('data', (chunk: Buffer) => stderr.push(chunk));
  const join = (chunks: readonly Buffer[]): string => Buffer.concat(chunks).toString('utf8');
  return { stdout: () => join(stdout), all: () => `${join(stdout)}${join(stderr)}` };
}

/** Complete lines only: the last may still be on its way. */
function parseLines(output: string): readonly LogLine[] {
  const complete = output.slice(0, output.lastIndexOf('\n') + 1);
  return complete
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line));
}

function hasFields(line: LogLine, fields: LogLine): boolean {
  return Object.entries(fields).every(([name, value]) => line[name] === value);
}

async function askPlainly(port: number, path: string): Promise<{ status: number; body: string }> {
  const request = get({ host: '127.0.0.1', port, path, agent: false });
  const [response] = await once(request, 'response');
  return { status: response.statusCode, body: await text(response) };
}

function readSeries(page: string, series: string): number | undefined {
  const line = page.split('\n').find(line => line.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length + 1));
}
