import { renderFlags } from './flags.ts';
import { renderMetrics } from './metrics.ts';
import { renderReasons } from './reasons.ts';

/** The pages that repeat the code. `make docs` writes them; a test compares them. */
export const generatedDocs: readonly { readonly path: string; readonly render: () => string }[] = [
  { path: 'docs/flags.md', render: renderFlags },
  { path: 'docs/metrics.md', render: renderMetrics },
  { path: 'docs/reasons.md', render: renderReasons },
];
