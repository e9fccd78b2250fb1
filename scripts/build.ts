/**
 * Bundles `src/commands/irsa.ts` into `dist/`: one file starts in half the time and with 15 MB less than the packages
 * apart (design decision 11). Code that is loaded when needed goes into chunks of its own.
 */
import { rm } from 'node:fs/promises';
import { build } from 'esbuild';

const outdir = 'dist';
await rm(outdir, { recursive: true, force: true });
await build({
  entryPoints: { irsa: 'src/commands/irsa.ts' },
  outdir,
  chunkNames: 'chunks/[name]-[hash]',
  bundle: true,
  splitting: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  // The ES form of packages that have both: it can be taken apart, and keeps its named exports when it is loaded late.
  mainFields: ['module', 'main'],
  // CommonJS packages inside an ES module still call `require` for what Node.js itself provides.
  banner: {
    js: "#!/usr/bin/env node\nimport { createRequire as createRequireOfBundle } from 'node:module';\nconst require = createRequireOfBundle(import.meta.url);",
  },
  legalComments: 'none',
  logLevel: 'warning',
});
