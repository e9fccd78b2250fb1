import { OidcError } from '../../oidc/remark.ts';
import { keySetPath } from '../../oidc/issuer-url.ts';
import { readKeySet, materialOf } from '../../oidc/published-key.ts';
import { readPublicKeys } from '../../oidc/public-keys.ts';
import { toSigningJwk } from '../../oidc/signing-key.ts';
import type { JsonObject } from '../../util/json.ts';
import type { CommandIo } from '../command-io.ts';
import { clusterAccess, type ClusterOptions } from '../common/cluster-command.ts';
import { usageFailure } from '../common/command-failure.ts';
import { openCluster, type Cluster } from '../../cluster/open-cluster.ts';
import { readOneFile } from '../common/read-input.ts';

export type SigningKeyOptions = ClusterOptions & {
  publicKey?: string[];
  fromCluster?: true;
};

/** Hundreds of keys. What is larger is no key file. */
const maxKeyFileCharacters = 1024 * 1024;

/**
 * The keys that the options name, as a key set has them: those of the cluster first, then those of the files in their order. A
 * key of a file that the cluster has too is left out, and every other twin told of. Undefined where no option names any.
 * Rejects with CommandFailure, OidcError or KubernetesError.
 */
export async function readSigningKeys(
  options: SigningKeyOptions,
  io: CommandIo,
): Promise<readonly JsonObject[] | undefined> {
  if (options.fromCluster === undefined && options.publicKey === undefined) return undefined;
  const ofCluster =
    options.fromCluster === true
      ? await readClusterKeys(await openCluster(clusterAccess(options), io.environment))
      : [];
  const known = new Set(ofCluster.map(materialOf));
  const ofFiles: JsonObject[] = [];
  for (const path of options.publicKey ?? []) {
    for (const key of await readKeyFile(path, io)) {
      if (!known.has(materialOf(key))) ofFiles.push(key);
    }
  }
  tellTwins(ofFiles, io);
  return [...ofCluster, ...ofFiles];
}

/** As `readSigningKeys`, for commands that need keys. */
export async function requireSigningKeys(options: SigningKeyOptions, io: CommandIo): Promise<readonly JsonObject[]> {
  const keys = await readSigningKeys(options, io);
  if (keys !== undefined) return keys;
  throw usageFailure('expected the keys of the API server, by --public-key FILE or --from-cluster, found neither');
}

/** The key set that the API server publishes. Rejects with KubernetesError or OidcError. */
export async function readClusterKeys({ client, server, timeoutMs }: Cluster): Promise<readonly JsonObject[]> {
  const keySet = await client.get(keySetPath, { timeoutMs });
  return readKeySet(keySet, new URL(keySetPath, server).href).keys;
}

async function readKeyFile(path: string, { stdin, stderr }: CommandIo): Promise<readonly JsonObject[]> {
  const { text, source } = await readOneFile(path, { stdin, recursive: false });
  if (text.length > maxKeyFileCharacters) {
    throw new OidcError('no_keys', {
      text: `${source}: expected a key file of at most ${maxKeyFileCharacters} characters`,
    });
  }
  const { keys, passedOver } = readPublicKeys(text, source);
  for (const line of passedOver) stderr.write(`warning: ${line}\n`);
  return keys.flatMap(key => toSigningJwk(key) ?? []);
}

/** kube-apiserver publishes them twice too, so the document stays as it has it. */
function tellTwins(keys: readonly JsonObject[], { stderr }: CommandIo): void {
  const twins = keys.length - new Set(keys.map(materialOf)).size;
  if (twins > 0) stderr.write(`warning: keys that are given, and so published, more than once: ${twins}\n`);
}
