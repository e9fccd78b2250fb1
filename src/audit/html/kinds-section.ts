import { findingKinds } from '../finding-kinds.ts';
import type { Finding } from '../report.ts';
import { prose } from './display-text.ts';
import { html, nothing, type Markup } from './markup.ts';

/** What the codes of this report mean: where the links of its findings lead. */
export function kindsSection(findings: readonly Finding[]): Markup {
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
