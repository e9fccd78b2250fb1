import { join } from 'node:path';
import { waitFor } from '../../support/wait-for.ts';
import { mustRun, run } from '../machine/command.ts';
import { webhookImage } from '../machine/image-names.ts';

/** The chart under test. */
export const chart: string = join(import.meta.dirname, '..', '..', '..', 'charts', 'irsa-webhook');
const region = 'us-east-1'; // an SDK needs some region before it asks for anything

/** What the README says, and how the tests find the rest. */
export const release = 'irsa-webhook';
export const releaseNamespace = 'irsa-system';

type Values = { readonly [name: string]: string | number | boolean };

/** `helm upgrade --install --wait` with the image under test, and these values over the chart's defaults. */
export async function installRelease(values: Values = {}, chartFolder: string = chart): Promise<void> {
  const [repository = '', tag = ''] = webhookImage.split(/:(?=[^:/]*$)/);
  const slash = repository.indexOf('/');
  const all = {
    'image.registry': repository.slice(0, slash),
    'image.repository': repository.slice(slash + 1),
    'image.tag': tag,
    'config.defaultAwsRegion': region,
    ...values,
  };
  const set = Object.entries(all).map(([name, value]) => `--set=${name}=${value}`);
  const where = ['--namespace', releaseNamespace, '--create-namespace'];
  await mustRun('helm', ['upgrade', '--install', release, chartFolder, ...where, '--wait', '--timeout=2m', ...set]);
}

/** Installs with the chart's defaults, unless that is what is there. */
export async function ensureInstalled(): Promise<void> {
  const get = ['get', 'values', release, '--namespace', releaseNamespace, '--output=json'];
  const { code, stdout } = await run('helm', get);
  const hasOthers = /mutatingWebhook|containerCredentials|resources/.test(stdout);
  if (code !== 0 || hasOthers) await changeRelease();
}

/** Installs with these values, and waits until no replica with others answers any more: those serve on while they drain. */
export async function changeRelease(values: Values = {}): Promise<void> {
  await installRelease(values);
  const query = [
    'get',
    'pods',
    '--namespace',
    releaseNamespace,
    '--output',
    'jsonpath={.items[*].metadata.deletionTimestamp}',
  ];
  const isSettled = async (): Promise<boolean> => (await mustRun('kubectl', query)).trim() === '';
  await waitFor(isSettled, { what: 'the replicas with other settings to end', timeoutMs: 90_000, intervalMs: 500 });
}

/** Removes it, if it is there, and waits until the last replica has drained. */
export async function uninstallRelease(): Promise<void> {
  const where = ['--namespace', releaseNamespace];
  await mustRun('helm', ['uninstall', release, ...where, '--wait', '--timeout=2m', '--ignore-not-found']);
  const replicas = ['pods', ...where, `--selector=app.kubernetes.io/instance=${release}`];
  await mustRun('kubectl', ['wait', '--for=delete', ...replicas, '--timeout=90s']);
}
