import { parseMapping, mappingFields } from '../../identity/mapping.ts';
import type { ManifestPlace } from '../../manifests/manifest-problem.ts';
import { isObject } from '../../util/json.ts';
import type { CheckedDocument, DocumentFinding } from './checked-document.ts';
import { readJsonLines, type JsonMember } from './json-lines.ts';
import { quote } from '../../util/text.ts';

/** Checks a mapping entry by entry, by the webhook's own reader. Throws ManifestProblem when it is no JSON. */
export function checkMapping(text: string, where: ManifestPlace): CheckedDocument {
  const members = readJsonLines(text, where).members();
  return { entries: members.length, findings: members.flatMap(checkEntry) };
}

function checkEntry(member: JsonMember): readonly DocumentFinding[] {
  const details = [...repeated(member), ...leftOut(member), ...unknownFields(member)];
  return details.map(detail => ({ line: member.line, detail }));
}

function repeated({ key, isRepeated }: JsonMember): readonly string[] {
  return isRepeated ? [`mapping key ${quote(key)}: comes twice; the last one counts`] : [];
}

function leftOut({ key, value }: JsonMember): readonly string[] {
  const parsed = parseMapping(JSON.stringify({ [key]: value }));
  if (parsed.kind === 'malformed') return [parsed.detail];
  const [namespace = '', name = ''] = key.split('/');
  const problem = parsed.mapping.find(namespace, name)?.roleArnProblem;
  return [...parsed.problems, ...(problem === undefined ? [] : [problem])];
}

function unknownFields({ key, value }: JsonMember): readonly string[] {
  if (!isObject(value)) return [];
  const known = new Set(mappingFields.map(field => field.toLowerCase()));
  return Object.keys(value)
    .filter(field => !known.has(field.toLowerCase()))
    .map(
      field =>
        `mapping entry ${quote(key)}: nobody reads the field ${quote(field)}; expected ${mappingFields.join(', ')}`,
    );
}
