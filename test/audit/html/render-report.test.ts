import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { renderReport } from '../../../src/audit/html/render-report.ts';
import { exampleReport, finding, reportOf } from './reports.ts';

const page = renderReport(exampleReport());

/** What stands between these tags, wherever they occur. */
const contentsOf = (tag: string): readonly string[] =>
  [...page.matchAll(new RegExp(`<${tag}>(.*?)</${tag}>`, 'gs'))].map(match => match[1] ?? '');
const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

describe('renderReport()', () => {
  test('allows its own style and script, and nothing else', () => {
    const policy = /http-equiv="Content-Security-Policy"\s+content="([^"]*)"/.exec(page)?.[1];
    expect(policy?.replaceAll('&#39;', "'")).toBe(
      `default-src 'none'; style-src ${contentsOf('style').map(hashOf).join(' ')}; script-src ${contentsOf('script').map(hashOf).join(' ')}; ` +
        `base-uri 'none'; form-action 'none'`,
    );
  });

  test('names no other file and no other host', () => {
    const references = [...page.matchAll(/\s(?:src|href|srcset|data|action|poster)\s*=\s*"([^"]*)"/g)];
    expect(references.map(match => match[1]).filter(target => target?.startsWith('#') !== true)).toEqual([]);
    expect(contentsOf('style').join('')).not.toMatch(/url\(|@import|@font-face/);
  });

  test('has two scripts and one style, none of which ends early', () => {
    expect(page.match(/<script/g)).toHaveLength(2);
    expect(page.match(/<style/g)).toHaveLength(1);
    expect(contentsOf('script').join('')).not.toMatch(/<!--|<\/?script/i);
  });

  test.each([
    ['an example', page],
    ['an empty report', renderReport(reportOf([], []))],
  ])('leads every link of %s to a place on the page', (_, page) => {
    const ids = [...page.matchAll(/\sid="([^"]+)"/g)].map(match => match[1]);
    expect(new Set(ids).size).toBe(ids.length);
    const targets = [...page.matchAll(/href="#([^"]*)"/g)].map(match => match[1]);
    expect(targets.filter(target => !ids.includes(target))).toEqual([]);
  });

  test('gives the same page for the same report', () => {
    expect(renderReport(exampleReport())).toBe(page);
  });

  test.each([
    ['no finding', reportOf([], []), ['No findings: every pod', 'No ServiceAccount in scope has an AWS identity']],
    ['one pod', reportOf([finding('IRSA001')], []), ['<b>1</b> of 413 pods needs attention', '1 pod</span>']],
    [
      'files and one namespace',
      {
        ...reportOf([], []),
        source: { kind: 'files', paths: ['pods.yaml', '-'] },
        scope: { namespace: 'payments', selector: 'app=x,tier!=y' },
      } as const,
      ['pods.yaml, standard input', '<dd>payments</dd>', '<dd>app=x,tier!=y</dd>'],
    ],
  ])('says it for %s', (_, report, texts) => {
    for (const text of texts) expect(renderReport(report)).toContain(text);
  });
});
