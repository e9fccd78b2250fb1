import { join } from 'node:path';
import { createFakeApiServer, fakeToken, type FakeApiServer } from '../../support/fake-api-server.ts';
import { writeMountedVolume } from '../../support/mounted-volume.ts';
import { createTempFolder } from '../../support/temp-folder.ts';
import {
  launchWebhook,
  startWebhook,
  type WebhookProcess,
  type WebhookProcessOptions,
} from '../../support/webhook-process.ts';

/** The built program beside a small API server that knows `ns/app` with a role. */
export interface ProgramOnFakeApi extends AsyncDisposable {
  readonly api: FakeApiServer;
  readonly webhook: WebhookProcess;
  /** Replaces the token, as the kubelet does. */
  readonly writeToken: (token: string) => Promise<void>;
}

export interface ProgramOptions extends WebhookProcessOptions {
  /** Done before the program starts. */
  readonly prepare?: (api: FakeApiServer) => void;
  /** False: does not wait until the program is ready. */
  readonly untilReady?: boolean;
  /** False: there is no token at first. */
  readonly withToken?: boolean;
}

export const roleArn = 'arn:aws:iam::111122223333:role/app';
export const annotations: { readonly [name: string]: string } = { 'eks.amazonaws.com/role-arn': roleArn };

/** Starts both; the program has the credentials of a pod. */
export async function startProgram(options: ProgramOptions = {}): Promise<ProgramOnFakeApi> {
  const { prepare, untilReady = true, withToken = true, ...process } = options;
  await using resources = new AsyncDisposableStack();
  const api = resources.use(await createFakeApiServer());
  api.objects.put('serviceaccounts', 'ns', 'app', { annotations });
  prepare?.(api);
  const folder = resources.use(await createTempFolder());
  const credentials = join(folder.path, 'serviceaccount');
  const writeToken = (token: string): Promise<void> => writeMountedVolume(credentials, { token, 'ca.crt': api.ca });
  if (withToken) await writeToken(fakeToken);
  const start = untilReady ? startWebhook : launchWebhook;
  const webhook = resources.use(await start({ apiServer: api.url, credentials, ...process }));
  const owned = resources.move();
  return { api, webhook, writeToken, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
