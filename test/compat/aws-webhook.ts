import { createHash } from 'node:crypto';
import { access, constants, mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { Agent, request } from 'node:https';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { runGo } from '../support/cluster/run-go.ts';
import { findFreePorts } from '../support/cluster/free-ports.ts';
import { startSupervised } from '../support/cluster/supervised-process.ts';
import { createCertificateAuthority } from '../support/certificates.ts';
import { createTempFolder } from '../support/temp-folder.ts';
import { waitFor } from '../support/wait-for.ts';

/** Names the AWS webhook and all that it is made of, with checksums. */
const module = fileURLToPath(new URL('aws-webhook', import.meta.url));
const packagePath = 'github.com/aws/amazon-eks-pod-identity-webhook';
const startTimeoutMs = 30_000;

/** Returns the path of the AWS webhook's program. Builds it where the cache has none: about two minutes. Throws without Go. */
async function buildAwsWebhook(
  environment: NodeJS.ProcessEnv = process.env,
  progress: (line: string) => void = line => void process.stderr.write(`${line}\n`),
): Promise<string> {
  const sums = await readFile(join(module, 'go.sum'));
  const name = `aws-webhook-${createHash('sha256').update(sums).digest('hex').slice(0, 12)}`;
  const cache = join(environment['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'irsa-webhook');
  const program = join(cache, name);
  if (await isProgram(program)) return program;
  await mkdir(cache, { recursive: true });
  const workFolder = await mkdtemp(join(cache, '.building-'));
  try {
    const result = join(workFolder, name);
    const args = ['build', '-trimpath', '-ldflags=-s -w', '-o', result, packagePath];
    await runGo({ args, folder: module, environment, what: 'building the AWS webhook', progress });
    await rename(result, program);
  } finally {
    await rm(workFolder, { recursive: true, force: true });
  }
  return program;
}

async function isProgram(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

/** A webhook that answers reviews by HTTPS. */
export interface ReviewedBy {
  /** `https://host:port/mutate` */
  readonly url: string;
  /** PEM of the authority of its certificate. */
  readonly ca: string;
}

export interface AwsWebhook extends ReviewedBy, AsyncDisposable {
  log(): Promise<string>;
}

/** Starts the AWS webhook with these flags beside those for address, certificate and API server. */
export async function startAwsWebhook(kubeconfig: string, flags: readonly string[]): Promise<AwsWebhook> {
  const program = await buildAwsWebhook();
  const folder = await createTempFolder();
  const authority = createCertificateAuthority({ commonName: 'aws webhook' });
  const pair = authority.issue();
  await folder.write('tls.crt', pair.certificate);
  await folder.write('tls.key', pair.key);
  const [port = 0, metricsPort = 0] = await findFreePorts(2);
  const own = ['--in-cluster=false', `--port=${port}`, `--metrics-port=${metricsPort}`, `--kubeconfig=${kubeconfig}`];
  const child = await startSupervised({
    command: program,
    args: [...own, '--tls-cert=tls.crt', '--tls-key=tls.key', '--logtostderr', '--v=4', ...flags],
    folder: folder.path,
    logFile: join(folder.path, 'log'),
  });
  const webhook: AwsWebhook = {
    url: `https://127.0.0.1:${port}/mutate`,
    ca: authority.certificate,
    log: () => child.log(),
    async [Symbol.asyncDispose]() {
      await child.kill();
      await folder[Symbol.asyncDispose]();
    },
  };
  await waitFor(() => isHealthy(webhook), { what: 'the AWS webhook to answer', timeoutMs: startTimeoutMs });
  return webhook;
}

async function isHealthy({ url, ca }: ReviewedBy): Promise<boolean> {
  const agent = new Agent({ ca });
  try {
    return await new Promise(resolve => {
      const call = request(new URL('/healthz', url), { agent }, response => {
        response.resume();
        resolve(response.statusCode === 200);
      });
      call.once('error', () => resolve(false)).end();
    });
  } finally {
    agent.destroy();
  }
}

/** Posts a body to a webhook and returns the text of its answer. */
export function postReview({ url, ca }: ReviewedBy, agent: Agent, body: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const call = request(
      url,
      { agent, ca, method: 'POST', headers },
      response => void text(response).then(resolve, reject),
    );
    call.once('error', reject).end(body);
  });
}
