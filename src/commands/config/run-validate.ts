import { exitCodes, type CommandIo, type ExitCode } from '../command-io.ts';
import { CommandFailure } from '../common/command-failure.ts';
import { readOneFile } from '../common/read-input.ts';
import { checkMapping } from './check-mapping.ts';
import type { CheckedDocument } from './checked-document.ts';
import { findDocuments, type FoundDocument } from './find-documents.ts';
import { counted, quote } from '../../util/text.ts';
import { parseAssociations } from '../../identity/associations.ts';
import { ManifestProblem, type ManifestPlace } from '../../manifests/manifest-problem.ts';
import { readJsonLines } from './json-lines.ts';

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
