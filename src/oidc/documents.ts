import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { goJson } from '../go/json.ts';
import { type JsonObject, ownString, isObject, ownList, parseJson } from '../util/json.ts';
import { OidcError } from './remark.ts';
import { discoveryPath, keySetPath } from './issuer-url.ts';

/** The two documents of an issuer, byte for byte as kube-apiserver serves them. */
interface IssuerDocuments {
  readonly discovery: string;
  readonly keySet: string;
}

export interface DiscoveryOptions {
  readonly issuer: string;
  readonly jwksUri: string;
  /** The keys of the key set, whose algorithms are listed; without any, RS256 is. */
  readonly keys: readonly JsonObject[];
}

/**
 * The discovery document. IAM needs only these fields of those that OpenID Connect requires.
 * https://github.com/kubernetes/kubernetes/blob/v1.36.3/pkg/serviceaccount/openidmetadata.go
 */
export function discoveryDocument({ issuer, jwksUri, keys }: DiscoveryOptions): string {
  return goJson({
    issuer,
    jwks_uri: jwksUri,
    response_types_supported: ['id_token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: keys.length === 0 ? ['RS256'] : algorithmsOf(keys),
  });
}

/** Sorted, each once. */
function algorithmsOf(keys: readonly JsonObject[]): readonly string[] {
  return [...new Set(keys.flatMap(key => ownString(key, 'alg') ?? []))].sort();
}

export interface KeySetOptions {
  /**
   * Adds each key once more with an empty `kid`. STS takes a token without `kid`, as Kubernetes before 1.16 made them, for one
   * whose `kid` is empty. https://github.com/aws/amazon-eks-pod-identity-webhook/issues/12
   */
  readonly legacyEmptyKid: boolean;
}

/** The key set. A key that is given twice is published twice, as by kube-apiserver. */
export function keySetDocument(keys: readonly JsonObject[], { legacyEmptyKid }: KeySetOptions): string {
  return goJson({ keys: legacyEmptyKid ? [...keys, ...keys.map(key => ({ ...key, kid: '' }))] : keys });
}

/** A file of the bundle and what became of it. */
export interface WrittenFile {
  readonly path: string;
  readonly result: 'written' | 'unchanged';
}

export interface BundleOptions extends IssuerDocuments {
  readonly folder: string;
  /** Replaces files that have another content. */
  readonly force: boolean;
}

/**
 * Writes both documents where a web server or a bucket has to have them. Nothing is written when a file differs and `force` is
 * not given: OidcError `file_differs`. Rejects with the error of Node.js when the folder cannot be written.
 */
export async function writeBundle({
  folder,
  force,
  discovery,
  keySet,
}: BundleOptions): Promise<readonly WrittenFile[]> {
  const files = [
    { path: join(folder, discoveryPath), text: discovery },
    { path: join(folder, keySetPath), text: keySet },
  ];
  const found = await Promise.all(files.map(({ path }) => readExisting(path)));
  const differing = files.find(({ text }, index) => found[index] !== undefined && found[index] !== text);
  if (differing !== undefined && !force) {
    const text = `${differing.path}: expected no file, or one with the same content, found another; --force replaces it`;
    throw new OidcError('file_differs', { text });
  }
  const written: WrittenFile[] = [];
  for (const [index, { path, text }] of files.entries()) {
    const unchanged = found[index] === text;
    if (!unchanged) await replaceFile(path, text);
    written.push({ path, result: unchanged ? 'unchanged' : 'written' });
  }
  return written;
}

async function readExisting(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** At once, so that a server of the folder never gives half a file. */
async function replaceFile(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const temporary = `${path}.new`;
  await writeFile(temporary, text);
  await rename(temporary, path);
}

/** What a discovery document says; fields that are missing or of another type are undefined. */
export interface Discovery {
  readonly issuer: string | undefined;
  readonly jwksUri: string | undefined;
  /** `id_token_signing_alg_values_supported` */
  readonly algorithms: readonly string[];
}

/** Reads a discovery document in text. Throws OidcError `invalid_discovery`; `where` is its URL. */
export function parseDiscovery(text: string, where: string): Discovery {
  return readDiscovery(parseJson(text), where);
}

/** Reads a discovery document. Throws OidcError `invalid_discovery`; `where` is its URL. */
export function readDiscovery(document: unknown, where: string): Discovery {
  if (!isObject(document)) {
    throw new OidcError('invalid_discovery', { text: `${where}: expected a JSON object, found something else` });
  }
  const algorithms = ownList(document, 'id_token_signing_alg_values_supported');
  return {
    issuer: ownString(document, 'issuer'),
    jwksUri: ownString(document, 'jwks_uri'),
    algorithms: algorithms.filter(algorithm => typeof algorithm === 'string'),
  };
}
