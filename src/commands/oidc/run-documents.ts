import { OidcError, remarkWithHint } from '../../oidc/remark.ts';
import { readClusterKeys } from '../../cluster/issuer.ts';
import { openCluster } from '../../cluster/open-cluster.ts';
import { discoveryDocument, keySetDocument, writeBundle } from '../../oidc/documents.ts';
import { checkIssuer, checkPublic, defaultKeySetUrl, parseHttpsUrl } from '../../oidc/issuer-url.ts';
import { readPublicKeys } from '../../oidc/public-keys.ts';
import { materialOf } from '../../oidc/published-key.ts';
import { toSigningJwk } from '../../oidc/signing-key.ts';
import { isTerminal } from '../../terminal/style.ts';
import type { JsonObject } from '../../util/json.ts';
import { writeResult, type CommandIo } from '../command-io.ts';
import { clusterAccess } from '../common/cluster-command.ts';
import { usageFailure } from '../common/command-failure.ts';
import { readOneFile } from '../common/read-input.ts';
import type { BundleOptions, DiscoveryOptions, JwksOptions } from './oidc-command.ts';
import { withRemarks } from './remarks.ts';

/** `irsa oidc jwks` */
export function runJwks(options: JwksOptions, io: CommandIo): Promise<void> {
  return withRemarks(async () => {
    const keys = await requireSigningKeys(options, io);
    await writeDocument(keySetDocument(keys, { legacyEmptyKid: options.legacyEmptyKid === true }), io);
  });
}

/** `irsa oidc discovery` */
export function runDiscovery(options: DiscoveryOptions, io: CommandIo): Promise<void> {
  return withRemarks(async () => {
    checkUrls(options);
    await writeDocument(discoveryOf(options, (await readSigningKeys(options, io)) ?? []), io);
  });
}

/** `irsa oidc bundle` */
export function runBundle(options: BundleOptions, io: CommandIo): Promise<void> {
  return withRemarks(async () => {
    checkUrls(options);
    const keys = await requireSigningKeys(options, io);
    const files = await writeBundle({
      folder: options.dir,
      force: options.force === true,
      discovery: discoveryOf(options, keys),
      keySet: keySetDocument(keys, { legacyEmptyKid: options.legacyEmptyKid === true }),
    });
    await writeResult(io.stdout, files.map(({ path }) => `${path}\n`).join(''));
    const fault = checkPublic(options.issuer, '--issuer');
    if (fault !== undefined) io.stderr.write(`warning: ${remarkWithHint(fault)}\n`);
    for (const { path, result } of files) {
      if (result === 'unchanged') io.stderr.write(`${path} was the same already\n`);
    }
  });
}

function checkUrls({ issuer, jwksUri }: Pick<DiscoveryOptions, 'issuer' | 'jwksUri'>): void {
  checkIssuer(issuer, '--issuer');
  if (jwksUri !== undefined) parseHttpsUrl(jwksUri, '--jwks-uri');
}

function discoveryOf(
  { issuer, jwksUri }: Pick<DiscoveryOptions, 'issuer' | 'jwksUri'>,
  keys: readonly JsonObject[],
): string {
  return discoveryDocument({ issuer, jwksUri: jwksUri ?? defaultKeySetUrl(issuer), keys });
}

/** Writes a document byte for byte, as kube-apiserver serves it; only on a terminal the line is ended. */
function writeDocument(document: string, { documents }: CommandIo): Promise<void> {
  return writeResult(documents, isTerminal(documents) ? `${document}\n` : document);
}

/** Hundreds of keys. What is larger is no key file. */
const maxKeyFileCharacters = 1024 * 1024;

/**
 * The keys that the options name, as a key set has them: those of the cluster first, then those of the files in their order. A
 * key of a file that the cluster has too is left out; a warning counts all other twins. Undefined where no option names any.
 * Rejects with CommandFailure, OidcError or KubernetesError.
 */
export async function readSigningKeys(options: JwksOptions, io: CommandIo): Promise<readonly JsonObject[] | undefined> {
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
  warnOfTwins(ofFiles, io);
  return [...ofCluster, ...ofFiles];
}

/** As `readSigningKeys`, for commands that need keys. */
async function requireSigningKeys(options: JwksOptions, io: CommandIo): Promise<readonly JsonObject[]> {
  const keys = await readSigningKeys(options, io);
  if (keys !== undefined) return keys;
  throw usageFailure('expected the keys of the API server, by --public-key FILE or --from-cluster, found neither');
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
function warnOfTwins(keys: readonly JsonObject[], { stderr }: CommandIo): void {
  const twins = keys.length - new Set(keys.map(materialOf)).size;
  if (twins > 0) stderr.write(`warning: keys that are given, and so published, more than once: ${twins}\n`);
}
