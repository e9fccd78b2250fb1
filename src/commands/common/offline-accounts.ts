import type { IdentitySource, ServiceAccountReference } from '../../admission/identity-source.ts';
import { noAssociations, parseAssociations, type Associations } from '../../identity/associations.ts';
import type { IdentityDefaults } from '../../identity/defaults.ts';
import { emptyMapping, parseMapping, type RoleMapping } from '../../identity/mapping.ts';
import { resolveIdentity, type IdentityInputs } from '../../identity/resolve.ts';
import { isKind, nameOf } from '../../kubernetes/objects.ts';
import { parseManifests, parseOneDocument, type ManifestObject } from '../../manifests/parse-manifests.ts';
import { AccountSnapshot } from '../../cluster/accounts.ts';
import { isObject, textAt } from '../../util/json.ts';
import { CommandFailure } from './command-failure.ts';
import { readInput, readOneFile, type ReadInputOptions } from './read-input.ts';

/** Where ServiceAccounts and roles come from besides the input; paths, or `-`. */
export interface AccountFiles {
  /** Manifests: `--service-accounts`. */
  readonly serviceAccounts?: readonly string[] | undefined;
  /** The mapping ConfigMap or its document: `--mapping`. */
  readonly mapping?: string | undefined;
  /** `--associations` */
  readonly associations?: string | undefined;
}

export interface OfflineAccountOptions {
  readonly files: AccountFiles;
  readonly reading: ReadInputOptions;
  readonly defaults: IdentityDefaults;
  /** The namespace of manifests that name none. */
  readonly namespace: string;
  /** The name of the mapping ConfigMap, in whichever namespace the input has it. */
  readonly configMapName: string;
}

/** What is known about ServiceAccounts. */
export interface KnownAccounts {
  has(account: ServiceAccountReference): boolean;
  inputsOf(account: ServiceAccountReference): IdentityInputs;
}

/** The accounts of files. */
export interface OfflineAccounts extends KnownAccounts {
  /** Whether the files hold a mapping. */
  readonly hasMapping: boolean;
  /** One line for each entry of mapping or associations that the webhook leaves out too. */
  readonly problems: readonly string[];
}

/** The name of the mapping ConfigMap where nobody chose another: the webhook's default. */
export const defaultConfigMapName = 'pod-identity-webhook';

/**
 * Reads ServiceAccounts, the mapping ConfigMap and associations from the objects of the input and from the files that options
 * name; of two of a name the input's counts. Rejects with CommandFailure or ManifestProblem.
 */
export async function readOfflineAccounts(
  input: readonly ManifestObject[],
  options: OfflineAccountOptions,
): Promise<OfflineAccounts> {
  const { files, reading, defaults, namespace, configMapName } = options;
  const listed = await readInput(files.serviceAccounts ?? [], reading);
  const manifests = [...listed.flatMap(({ text, source }) => parseManifests(text, source)), ...input];
  const problems: string[] = [];
  const written = files.mapping === undefined ? undefined : await readMappingFile(files.mapping, reading);
  const document = written ?? mappingOf(manifests, configMapName);
  const mapping = document === undefined ? emptyMapping : readMapping(document, defaults, problems);
  const associations = await readAssociations(files.associations, reading, problems);
  const accounts = new AccountSnapshot({ mapping, associations, defaults });
  for (const { object } of manifests) if (isKind(object, 'ServiceAccount')) accounts.add(object, namespace);
  return {
    hasMapping: document !== undefined,
    problems,
    has: account => accounts.has(account),
    inputsOf: account => accounts.inputsOf(account),
  };
}

/** What files say, and where they say nothing, what a cluster says. */
export function filesBeforeCluster(files: OfflineAccounts, cluster: KnownAccounts): KnownAccounts {
  return {
    has: account => files.has(account) || cluster.has(account),
    inputsOf: account => {
      const written = files.inputsOf(account);
      const live = cluster.inputsOf(account);
      const known = files.has(account) ? written : live;
      return { ...known, mapping: files.hasMapping ? written.mapping : live.mapping, associated: written.associated };
    },
  };
}

/**
 * Answers as the webhook would. With `complete` false, an account that is not known may well exist: where no mapping and no
 * association gives its role, the answer is that it could not be looked up.
 */
export function identitiesOf(accounts: KnownAccounts, complete: boolean): IdentitySource {
  return {
    identityOf: account => {
      const answer = resolveIdentity(accounts.inputsOf(account));
      if (complete || answer.kind !== 'none' || answer.reason !== 'service_account_not_found') return answer;
      return { kind: 'unavailable', reason: 'lookup_failed', detail: unknownAccount(account) };
    },
  };
}

/** Returns what to say of an account that neither the input nor a cluster has. */
function unknownAccount({ namespace, name }: ServiceAccountReference): string {
  return `ServiceAccount ${namespace}/${name} is not in the input: give --service-accounts FILE or --cluster`;
}

interface MappingDocument {
  readonly text: string;
  /** For messages. */
  readonly where: string;
}

function mappingOf(manifests: readonly ManifestObject[], name: string): MappingDocument | undefined {
  const found = manifests.findLast(({ object }) => isKind(object, 'ConfigMap') && nameOf(object) === name);
  if (found === undefined) return undefined;
  const text = textAt(found.object, 'data', 'config');
  return text === undefined ? undefined : { text, where: `${found.source}:${found.line}: data.config` };
}

/** The file is the ConfigMap, or what is in its `config`. */
async function readMappingFile(path: string, reading: ReadInputOptions): Promise<MappingDocument> {
  const { text, source } = await readOneFile(path, reading);
  const document = parseOneDocument(text, source);
  if (!isObject(document)) throw new CommandFailure(`${source}: expected a mapping or its ConfigMap, found neither`);
  if (!isKind(document, 'ConfigMap')) return { text: JSON.stringify(document), where: source };
  const config = textAt(document, 'data', 'config');
  if (config === undefined) throw new CommandFailure(`${source}: expected data.config in the ConfigMap, found none`);
  return { text: config, where: `${source}: data.config` };
}

function readMapping({ text, where }: MappingDocument, defaults: IdentityDefaults, problems: string[]): RoleMapping {
  const parsed = parseMapping(text, defaults.composeRoleArn);
  if (parsed.kind === 'malformed') throw new CommandFailure(`${where}: ${parsed.detail}`);
  problems.push(...parsed.problems.map(problem => `${where}: ${problem}`));
  return parsed.mapping;
}

async function readAssociations(
  path: string | undefined,
  reading: ReadInputOptions,
  problems: string[],
): Promise<Associations> {
  if (path === undefined) return noAssociations;
  const { text, source } = await readOneFile(path, reading);
  const parsed = parseAssociations(text);
  if (parsed.kind === 'malformed') throw new CommandFailure(`${source}: ${parsed.detail}`);
  problems.push(...parsed.problems.map(problem => `${source}: ${problem}`));
  return parsed.associations;
}
