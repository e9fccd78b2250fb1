import type { Explanation } from '../../explanation/explanation.ts';
import { createStyle } from '../../terminal/style.ts';
import { exitCodes, type ExitCode } from '../command-io.ts';
import { usageFailure } from '../common/command-failure.ts';
import type { CommandContext } from '../common/define-command.ts';
import type { ExplainOptions } from './explain-options.ts';
import { renderText } from './render-text.ts';

/** Explains objects of files or of a cluster. Rejects with CommandFailure, ManifestProblem or KubernetesError. */
export async function runExplain(
  objects: readonly string[],
  options: ExplainOptions,
  context: CommandContext,
): Promise<void> {
  checkUsage(objects, options);
  const explanations = await explain(objects, options, context);
  const { stdout, environment } = context.io;
  if (options.output === 'text') {
    const look = { style: createStyle(options.color, stdout, environment), unicode: isUtf8(environment) };
    stdout.write(explanations.map(explanation => renderText(explanation, look)).join('\n'));
  } else {
    stdout.write(await serialise(explanations, options.output));
  }
  if (options.exitCode === true) context.finish(exitCodeOf(explanations));
}

/** Not known whether something is wrong is another failure than that something is. */
function exitCodeOf(explanations: readonly Explanation[]): ExitCode {
  const verdicts = new Set(explanations.map(({ verdict }) => verdict.verdict));
  if (verdicts.has('broken') || verdicts.has('differs')) return exitCodes.findings;
  return verdicts.has('unknown') ? exitCodes.failed : exitCodes.done;
}

async function explain(
  objects: readonly string[],
  options: ExplainOptions,
  context: CommandContext,
): Promise<readonly Explanation[]> {
  if (options.filename !== undefined) {
    const { explainFiles } = await import('./explain-files.ts');
    return explainFiles(options.filename, options, context);
  }
  const { explainObjects } = await import('./explain-objects.ts');
  return explainObjects(objects, options, context);
}

function checkUsage(objects: readonly string[], options: ExplainOptions): void {
  if (options.filename === undefined) {
    if (objects.length === 0) throw usageFailure('name an object such as pod/web-0, or give -f FILE');
    const alone = fileOptions.find(([name]) => options[name] !== undefined);
    if (alone !== undefined) throw usageFailure(`${alone[1]} goes with -f FILE only`);
  } else if (objects.length > 0) {
    throw usageFailure('give either objects of the cluster or -f FILE');
  }
}

const fileOptions = [
  ['serviceAccounts', '--service-accounts'],
  ['mapping', '--mapping'],
  ['associations', '--associations'],
  ['templatePath', '--template-path'],
] as const;

/** One document for one object, a list for several or none, as kubectl has it. */
async function serialise(explanations: readonly Explanation[], format: 'json' | 'yaml'): Promise<string> {
  const [only] = explanations;
  const list = { apiVersion: 'irsa/v1', kind: 'ExplanationList', items: explanations };
  const document = explanations.length === 1 && only !== undefined ? only : list;
  if (format === 'json') return `${JSON.stringify(document, null, 2)}\n`;
  const { toBlockLines } = await import('../../manifests/render-yaml.ts');
  return `${toBlockLines(document, { indentsLists: true }).join('\n')}\n`;
}

/** The first of these that is set counts. https://pubs.opengroup.org/onlinepubs/9799919799/basedefs/V1_chap08.html */
function isUtf8(environment: { readonly [name: string]: string | undefined }): boolean {
  const locale = environment['LC_ALL'] || environment['LC_CTYPE'] || environment['LANG'] || '';
  return /utf-?8/i.test(locale);
}
