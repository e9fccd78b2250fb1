import { writeFile } from 'node:fs/promises';
import { KubernetesClient, type RequestObserver } from '../../src/kubernetes/client.ts';
import { InClusterConnection } from '../../src/kubernetes/open-connection.ts';
import { fakeToken, type FakeApiServer } from './fake-api-server.ts';
import { createTempFolder } from './temp-folder.ts';

/** Milliseconds that never go back, as the program takes them. */
export const now = (): number => performance.timeOrigin + performance.now();

export interface InClusterClient extends AsyncDisposable {
  readonly client: KubernetesClient;
  readonly connection: InClusterConnection;
  writeToken(token: string): Promise<void>;
  writeCa(pem: string): Promise<void>;
}

/** A client of the fake API server as a pod has it: token and CA in files. */
export async function connectInCluster(
  api: FakeApiServer,
  observer: RequestObserver = { requestFinished: () => undefined },
  clock: () => number = now,
): Promise<InClusterClient> {
  const folder = await createTempFolder();
  const tokenPath = await folder.write('token', fakeToken);
  const caPath = await folder.write('ca.crt', api.ca);
  const connection = new InClusterConnection({ server: api.url, tokenPath, caPath, now: clock });
  return {
    client: new KubernetesClient(connection, observer, clock),
    connection,
    writeToken: token => writeFile(tokenPath, token),
    writeCa: pem => writeFile(caPath, pem),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}
