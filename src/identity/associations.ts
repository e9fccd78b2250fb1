import * as z from 'zod';
import { flatCopy } from '../util/text.ts';
import { isArray, isObject, parseJson } from '../util/json.ts';
import { withLowerCaseFields } from '../go/json.ts';

/** ServiceAccounts whose pods get container credentials (EKS Pod Identity); immutable, replaced as a whole. */
export interface Associations {
  readonly size: number;
  /** True for exactly this namespace and name; there are no wildcards. */
  has(namespace: string, name: string): boolean;
}

/** What became of the file; a problem loses only its entry. */
export type ParsedAssociations =
  | { readonly kind: 'associations'; readonly associations: Associations; readonly problems: readonly string[] }
  | { readonly kind: 'malformed'; readonly detail: string };

const associationSchema = z.object({ namespace: z.string().min(1), serviceaccount: z.string().min(1) });

/** Nobody is associated: a missing or empty file. */
export const noAssociations: Associations = createAssociations(new Set());

/** Reads `{"identities":[{"namespace":…,"serviceAccount":…}]}`; field names in any case, as in Go. Never throws. */
export function parseAssociations(text: string): ParsedAssociations {
  if (text.trim() === '') return { kind: 'associations', associations: noAssociations, problems: [] };
  const identities = readIdentities(text);
  if (identities === undefined) {
    return { kind: 'malformed', detail: 'expected {"identities":[{"namespace":"…","serviceAccount":"…"}]}' };
  }
  const problems: string[] = [];
  const names = new Set<string>();
  for (const [index, entry] of identities.entries()) {
    const parsed = associationSchema.safeParse(isObject(entry) ? withLowerCaseFields(entry) : entry);
    if (parsed.success) names.add(flatCopy(`${parsed.data.namespace}/${parsed.data.serviceaccount}`));
    else problems.push(`identities[${index}]: expected an object with the strings namespace and serviceAccount`);
  }
  return { kind: 'associations', associations: createAssociations(names), problems };
}

/** The list of identities; an object without one has none (as in Go); undefined when the document is something else. */
function readIdentities(text: string): readonly unknown[] | undefined {
  const document = parseJson(text);
  if (!isObject(document)) return undefined;
  const identities = withLowerCaseFields(document)['identities'] ?? [];
  return isArray(identities) ? identities : undefined;
}

function createAssociations(names: ReadonlySet<string>): Associations {
  return { size: names.size, has: (namespace, name) => names.has(`${namespace}/${name}`) };
}
