import type { CheckOutcome } from '../../checks/check.ts';
import type { CheckResult } from '../../checks/run-checks.ts';
import type { Style } from '../../terminal/style.ts';
import { docsUrl } from '../../util/docs-url.ts';

export type ResultFormat = 'text' | 'short' | 'json';

export interface FormatOptions {
  readonly format: ResultFormat;
  readonly style: Style;
  readonly environment: { readonly [name: string]: string | undefined };
}

type Status = CheckOutcome['status'];

const statuses: readonly Status[] = ['passed', 'warning', 'failed', 'skipped'];
const colours = { passed: 'green', warning: 'yellow', failed: 'red', skipped: 'dim' } as const;
const symbols: Readonly<Record<Status, string>> = { passed: '√', warning: '‼', failed: '×', skipped: '–' };
const asciiSymbols: Readonly<Record<Status, string>> = { passed: 'ok', warning: '!!', failed: 'xx', skipped: '--' };

/** The results as standard output gets them. */
export function formatResults(results: readonly CheckResult[], options: FormatOptions): string {
  if (options.format === 'json') return `${JSON.stringify(toDocument(results), null, 2)}\n`;
  const symbol = symbolsFor(options);
  if (options.format === 'text')
    return `${formatGroups(results, symbol, options.style)}\n${summary(results, symbol)}\n`;
  const lines = results
    .filter(({ outcome }) => outcome.status !== 'passed')
    .map(({ check, outcome }) => `${symbol(outcome.status)} ${check.code}: ${outcome.detail}\n`);
  return `${lines.join('')}${summary(results, symbol)}\n`;
}

/** Terminals that are not set to UTF-8 show other characters for ours. */
function symbolsFor({ environment, style }: FormatOptions): (status: Status) => string {
  const locale = environment['LC_ALL'] || environment['LC_CTYPE'] || environment['LANG'] || '';
  const chosen = /utf-?8/i.test(locale) ? symbols : asciiSymbols;
  return status => style(colours[status], chosen[status]);
}

function formatGroups(results: readonly CheckResult[], symbol: (status: Status) => string, style: Style): string {
  const groups = [...new Set(results.map(({ check }) => check.group))];
  return groups
    .map(group => {
      const lines = results
        .filter(({ check }) => check.group === group)
        .map(result => formatResult(result, symbol, style));
      return `${style('bold', group)}\n${'-'.repeat(group.length)}\n${lines.join('')}`;
    })
    .join('\n');
}

/** One line, and for what is not well what was found, what to do, and where to read more. */
function formatResult({ check, outcome }: CheckResult, symbol: (status: Status) => string, style: Style): string {
  const { detail } = outcome;
  const first = `${symbol(outcome.status)} ${check.title}`;
  if (outcome.status === 'passed') return `${first} ${style('dim', `(${detail})`)}\n`;
  if (outcome.status === 'skipped') return `${first} ${style('dim', `(skipped: ${detail})`)}\n`;
  return `${first}\n${indent([detail, outcome.hint, `see ${docsOf(check.code)}`])}`;
}

function indent(lines: readonly string[]): string {
  return lines.map(line => `     ${line}\n`).join('');
}

/** The heading of a check in the documentation. */
function docsOf(code: string): string {
  return docsUrl(`check.md#${code}`);
}

function summary(results: readonly CheckResult[], symbol: (status: Status) => string): string {
  const counts = statuses
    .map(status => ({ status, number: results.filter(({ outcome }) => outcome.status === status).length }))
    .filter(({ number }) => number > 0);
  const worst = (['failed', 'warning', 'passed'] as const).find(status =>
    counts.some(entry => entry.status === status),
  );
  return `${symbol(worst ?? 'skipped')} ${counts.map(({ status, number }) => `${number} ${words[status]}`).join(', ')}`;
}

const words: Readonly<Record<Status, string>> = {
  passed: 'passed',
  warning: 'with a warning',
  failed: 'failed',
  skipped: 'skipped',
};

function toDocument(results: readonly CheckResult[]): object {
  const number = (status: Status): number => results.filter(({ outcome }) => outcome.status === status).length;
  return {
    apiVersion: 'irsa/v1',
    kind: 'CheckResults',
    summary: Object.fromEntries(statuses.map(status => [status, number(status)])),
    checks: results.map(({ check: { code, group, title }, outcome }) => ({
      code,
      group,
      title,
      ...outcome,
      docs: docsOf(code),
    })),
  };
}
