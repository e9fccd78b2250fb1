import { Agent, request } from 'node:https';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { runGo } from '../support/cluster/run-go.ts';
import { findFreePorts } from '../support/cluster/free-ports.ts';
import { startSupervised } from '../support/cluster/supervised-process.ts';
import { createCertificateAuthority } from '../support/certificates.ts';
import { createTempFolder } from '../support/temp-folder.ts';
import { waitFor } from '../support/wait-for.ts';
import { cached } from './cached.ts';

/** Names the AWS webhook and all that it is made of, with checksums. */
const module = fileURLToPath(new URL('aws-webhook', import.meta.url));
const packagePath = 'github.com/aws/amazon-eks-pod-identity-webhook';
const startTimeoutMs = 30_000;

/** Returns the path of the AWS webhook's program. Builds it where the cache has none: about two minutes. Throws without Go. */
function buildAwsWebhook(): Promise<string> {
  return cached('aws-webhook', [join(module, 'go.sum')], async unfinished => {
    const program = join(unfinished, 'aws-webhook');
    const args = ['build', '-trimpath', '-ldflags=-s -w', '-o', program, packagePath];
    const progress = (line: string): void => void process.stderr.write(`${line}\n`);
    await runGo({ args, folder: module, environment: process.env, what: 'building the AWS webhook', progress });
    return program;
  });
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
