import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createCertificateAuthority } from '../test/support/certificates.ts';
import { writeMountedVolume } from '../test/support/mounted-volume.ts';
import { startApiServer } from './api-server.ts';
import { onExit } from './on-exit.ts';
import { median } from './statistics.ts';
import { startWebhook, type StartTimes, type WebhookOptions, type WebhookProcess } from './webhook-process.ts';

export interface OurWebhookOptions extends Pick<WebhookOptions, 'command' | 'nodeFlags'> {
  /** How often it is started; the last one stays. */
  readonly starts: number;
}

export interface OurWebhook {
  readonly process: WebhookProcess;
  /** The medians of all starts. */
  readonly started: StartTimes;
  readonly times: readonly StartTimes[];
}

/** After this, nothing of the start goes on any more. */
const settleMs = 2_000;

/** Starts our webhook in the surroundings of a pod: an API server, token and CA as the kubelet mounts them, a certificate. */
export async function startOurWebhook({ starts, command, nodeFlags }: OurWebhookOptions): Promise<OurWebhook> {
  const folder = await createFolder();
  const apiServer = await startApiServer(folder);
  const certificates = join(folder, 'certificates');
  const { certificate, key } = createCertificateAuthority().issue({ hosts: ['127.0.0.1'] });
  await writeMountedVolume(certificates, { 'tls.crt': certificate, 'tls.key': key });
  const certificatePath = join(certificates, 'tls.crt');
  const keyPath = join(certificates, 'tls.key');
  const times: StartTimes[] = [];
  for (;;) {
    const webhook = await startWebhook({ apiServer, certificatePath, keyPath, command, nodeFlags });
    times.push(webhook.started);
    if (times.length === starts) {
      await delay(settleMs);
      return { process: webhook, started: medianStart(times), times };
    }
    await webhook.stop();
  }
}

async function createFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'irsa-webhook-bench-'));
  onExit(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function medianStart(times: readonly StartTimes[]): StartTimes {
  return { listening: median(times.map(time => time.listening)), ready: median(times.map(time => time.ready)) };
}
