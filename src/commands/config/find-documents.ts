import { withLowerCaseFields } from '../../go/json.ts';
import { parseManifests, parseOneDocument, type ManifestObject } from '../../manifests/parse-manifests.ts';
import { isObject, ownField, textAt } from '../../util/json.ts';

/** A document that the webhook reads. */
export interface FoundDocument {
  readonly kind: 'mapping' | 'associations';
  readonly text: string;
  /** The line of the file, from 1, on which the document begins. */
  readonly line: number;
}

/** The documents of a file: the file itself, or the `data.config` of its ConfigMaps. Throws ManifestProblem. */
export function findDocuments(text: string, source: string): readonly FoundDocument[] {
  if (isManifest(text, source)) return parseManifests(text, source).flatMap(object => documentOf(object, text));
  const value = parseOneDocument(text, source);
  if (!isObject(value)) return [];
  return [{ kind: 'identities' in withLowerCaseFields(value) ? 'associations' : 'mapping', text, line: 1 }];
}

/** JSON of one object may be either; YAML of several documents is always manifests. */
function isManifest(text: string, source: string): boolean {
  if (/^(?:\uFEFF)?\s*\{/.test(text)) {
    const value = parseOneDocument(text, source);
    return isObject(value) && typeof ownField(value, 'kind') === 'string';
  }
  return text.trim() !== '';
}

function documentOf({ object, line }: ManifestObject, file: string): readonly FoundDocument[] {
  const config = textAt(object, 'data', 'config');
  if (ownField(object, 'kind') !== 'ConfigMap' || config === undefined) return [];
  return [{ kind: 'mapping', text: config, line: lineOf(config, line, file) }];
}

/** A block scalar holds the document line by line; in any other form it begins where the ConfigMap does. */
function lineOf(config: string, start: number, file: string): number {
  const first = config.split('\n').find(line => line.trim() !== '');
  const lines = file.split('\n');
  const index = lines.findIndex((line, at) => at >= start - 1 && first !== undefined && line.trim() === first.trim());
  if (index === -1) return start;
  return index + 1 - config.split('\n').findIndex(line => line === first);
}
