import { withLowerCaseFields } from '../../go/json.ts';
import { parseAssociations } from '../../identity/associations.ts';
import { mappingFields, parseMapping } from '../../identity/mapping.ts';
import { ManifestProblem, type ManifestPlace } from '../../manifests/manifest-problem.ts';
import { parseManifests, parseOneDocument, type ManifestObject } from '../../manifests/parse-manifests.ts';
import { isObject, ownField, textAt } from '../../util/json.ts';
import { counted, quote } from '../../util/text.ts';
import { exitCodes, type CommandIo, type ExitCode } from '../command-io.ts';
import { CommandFailure } from '../common/command-failure.ts';
import { readOneFile } from '../common/read-input.ts';
import { readJsonLines, type JsonMember } from './json-lines.ts';

/** Checks every document of the file. Rejects with CommandFailure or ManifestProblem when there is none that can be read. */
export async function runValidate(path: string, output: 'text' | 'json', io: CommandIo): Promise<ExitCode> {
  const { text, source } = await readOneFile(path, { stdin: io.stdin, recursive: false });
  const documents = findDocuments(text, source);
  if (documents.length === 0) {
    throw new CommandFailure(
      `${source}: expected a mapping, its ConfigMap with data.config, or associations, found none`,
    );
  }
  const results = documents.map(document => toResult(source, document));
  io.stdout.write(output === 'json' ? jsonText(results) : results.map(resultText).join(''));
  return results.some(({ findings }) => findings.length > 0) ? exitCodes.findings : exitCodes.done;
}

/** A document that the webhook reads. */
interface FoundDocument {
  readonly kind: 'mapping' | 'associations';
  readonly text: string;
  /** The line of the file, from 1, on which the document begins. */
  readonly line: number;
}

/** The documents of a file: the file itself, or the `data.config` of its ConfigMaps. Throws ManifestProblem. */
function findDocuments(text: string, source: string): readonly FoundDocument[] {
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

/** Something about one entry that its author should know. */
interface DocumentFinding {
  /** In the document, from 1. */
  readonly line: number;
  readonly detail: string;
}

/** What was found in one document. */
interface CheckedDocument {
  readonly entries: number;
  readonly findings: readonly DocumentFinding[];
}

interface Result extends CheckedDocument {
  readonly file: string;
  readonly document: FoundDocument['kind'];
}

function toResult(file: string, { kind, text, line }: FoundDocument): Result {
  const where = { source: file, line };
  const checked = kind === 'mapping' ? checkMapping(text, where) : checkAssociations(text, where);
  const findings = checked.findings.map(finding => ({ ...finding, line: finding.line + line - 1 }));
  return { file, document: kind, entries: checked.entries, findings: findings.toSorted((a, b) => a.line - b.line) };
}

function jsonText(results: readonly Result[]): string {
  return `${JSON.stringify({ apiVersion: 'irsa/v1', kind: 'ConfigValidation', documents: results }, null, 2)}\n`;
}

function resultText({ file, document, entries, findings }: Result): string {
  const lines = findings.map(({ line, detail }) => `${file}:${line}: ${detail}\n`);
  const found = findings.length === 0 ? 'no findings' : counted(findings.length, 'finding');
  return `${lines.join('')}${file}: ${document} with ${counted(entries, 'entry', 'entries')}: ${found}\n`;
}

/** Checks a mapping entry by entry, by the webhook's own reader. Throws ManifestProblem when it is no JSON. */
function checkMapping(text: string, where: ManifestPlace): CheckedDocument {
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

/** Checks associations, by the webhook's own reader. Throws ManifestProblem when they cannot be read at all. */
function checkAssociations(text: string, where: ManifestPlace): CheckedDocument {
  const document = readJsonLines(text, where);
  const parsed = parseAssociations(text);
  if (parsed.kind === 'malformed') throw new ManifestProblem(where, parsed.detail);
  const lines = document.linesOfList('identities');
  const problems = parsed.problems.map(detail => ({ line: lines[indexIn(detail)] ?? 1, detail }));
  const unread = document.members().filter(({ key }) => key.toLowerCase() !== 'identities');
  return {
    entries: lines.length,
    findings: [
      ...problems,
      ...unread.map(({ key, line }) => ({ line, detail: `nobody reads the field ${quote(key)}; expected identities` })),
    ],
  };
}

/** The reader names the entry: `identities[3]: …`. */
function indexIn(problem: string): number {
  return Number(/^identities\[(\d+)\]/.exec(problem)?.[1] ?? 0);
}
