import { renderChartReadme, renderValuesSchema } from './chart.ts';
import { commandPages } from './command-pages.ts';
import { renderEdgeCases } from './edge-cases.ts';
import { renderFindings } from './findings.ts';
import { renderFlags } from './flags.ts';
import { renderContributing } from './imports.ts';
import { renderInstallManifest } from './install-manifest.ts';
import { renderLicences } from './licences.ts';
import { renderMetrics } from './metrics.ts';
import { renderReasons } from './reasons.ts';

/** The files that repeat the code. `make docs` writes them in this order; a test compares them. */
export const generatedDocs: readonly { readonly path: string; readonly render: () => string }[] = [
  { path: 'docs/edge-cases.md', render: renderEdgeCases },
  { path: 'docs/findings.md', render: renderFindings },
  { path: 'docs/flags.md', render: renderFlags },
  { path: 'docs/licences.md', render: renderLicences },
  { path: 'docs/metrics.md', render: renderMetrics },
  { path: 'docs/reasons.md', render: renderReasons },
  ...commandPages,
  { path: 'CONTRIBUTING.md', render: renderContributing },
  { path: 'charts/irsa-webhook/values.schema.json', render: renderValuesSchema },
  { path: 'charts/irsa-webhook/README.md', render: renderChartReadme },
  { path: 'deploy/install.yaml', render: renderInstallManifest },
];
