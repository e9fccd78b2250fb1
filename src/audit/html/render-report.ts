import { createHash } from 'node:crypto';
import type { AuditReport, Finding } from '../report.ts';
import { accessSection, accountAnchors } from './access-section.ts';
import { filterForm, findingsSection } from './findings-section.ts';
import { html, nothing, prose, sourceText, timeText, trusted, type Markup } from './markup.ts';
import { ReportList, ReportPage } from './browser/report-script.js';
import { reportStyle } from './report-style.ts';
import { summarySection } from './summary-section.ts';
import { findingKinds } from '../../comparison/finding-kinds.ts';

/**
 * The report as one HTML page that needs no network and no other file: `irsa audit -o html`. All that it says can be read
 * without its script, which filters, sorts and shortens.
 */
export function renderReport(report: AuditReport): string {
  const script = pageScript();
  const title = `AWS identity audit of ${sourceText(report)}`;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${contentPolicy(script)}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title}</title>
        ${trusted(`<script>${loadingScript}</script>`)} ${trusted(`<style>${reportStyle}</style>`)}
      </head>
      <body>
        <a class="skip" href="#findings">Skip to the findings</a>
        ${pageHeader(report)}
        <main>
          <noscript><p class="none">Filter and order need JavaScript. Everything is shown below.</p></noscript>
          ${summarySection(report)} ${filterForm(report)} ${findingsSection(report, accountAnchors(report.accounts))}
          ${accessSection(report.accounts)} ${kindsSection(report.findings)}
        </main>
        <footer>
          <p>
            Made by <code>irsa audit -o html</code> on ${timeText(report.generatedAt)}. This file loads nothing and
            sends nothing.
          </p>
        </footer>
        ${trusted(`<script>${script}</script>`)}
      </body>
    </html> `.text;
}

function pageHeader(report: AuditReport): Markup {
  const { source, scope, generatedAt, findings } = report;
  const codes = findings.length === 0 ? nothing : html`<a href="#codes">Codes</a>`;
  return html`<header>
    <div class="masthead">
      <h1>AWS identity audit</h1>
      <nav aria-label="Sections"><a href="#findings">Findings</a> <a href="#access">Roles</a> ${codes}</nav>
    </div>
    <dl class="origin">
      <div>
        <dt>${source.kind === 'cluster' ? 'Cluster' : 'Files'}</dt>
        <dd>${sourceText(report)}</dd>
      </div>
      <div>
        <dt>Namespace</dt>
        <dd>${scope.namespace ?? 'all'}</dd>
      </div>
      <div>
        <dt>Pods</dt>
        <dd>${scope.selector === '' ? 'all' : scope.selector}</dd>
      </div>
      <div>
        <dt>Made</dt>
        <dd><time datetime="${generatedAt}">${timeText(generatedAt)}</time></dd>
      </div>
    </dl>
  </header>`;
}

/** Both classes refer to nothing outside themselves, so their text is the whole script, in a bundle too. */
function pageScript(): string {
  return `try {
const ReportList = ${String(ReportList)};
const ReportPage = ${String(ReportPage)};
new ReportPage(document, ReportList).start();
} finally {
document.documentElement.classList.remove('loading');
}`;
}

/** Keeps the long lists from being laid out until they are shortened: with 20,000 items that takes a minute. */
const loadingScript = "document.documentElement.classList.add('scripted', 'loading');";

/** Nothing is loaded from anywhere, and no style or script works but these. https://www.w3.org/TR/CSP3/ */
function contentPolicy(script: string): string {
  return [
    "default-src 'none'",
    `style-src ${hashSource(reportStyle)}`,
    `script-src ${hashSource(loadingScript)} ${hashSource(script)}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}

function hashSource(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

/** What the codes of this report mean: where the links of its findings lead. */
function kindsSection(findings: readonly Finding[]): Markup {
  const codes = [...new Set(findings.map(({ code }) => code))].sort();
  if (codes.length === 0) return nothing;
  return html`<section id="codes" aria-labelledby="codes-heading">
    <div class="section-head"><h2 id="codes-heading">What the codes mean</h2></div>
    ${codes.map(code => {
      const { name, title, meaning, consequence, remedy } = findingKinds[code];
      return html`<article class="kind-text" id="${code}">
        <h3>${code} ${title} <code>${name}</code></h3>
        <dl>
          <div>
            <dt>Found</dt>
            <dd>${prose(meaning)}</dd>
          </div>
          <div>
            <dt>Consequence</dt>
            <dd>${prose(consequence)}</dd>
          </div>
          <div>
            <dt>Remedy</dt>
            <dd>${prose(remedy)}</dd>
          </div>
        </dl>
      </article> `;
    })}
  </section>`;
}
