/**
 * Bundles `src/commands/irsa.ts` into `dist/`: one file starts in half the time and with 15 MB less than the packages
 * apart (design decision 11). Code that is loaded when needed goes into chunks of its own.
 */
import { rm } from 'node:fs/promises';
import { build } from 'esbuild';
import { bundleOptions, requireOfBundle } from './bundle-options.ts';

const outdir = 'dist';
await rm(outdir, { recursive: true, force: true });
await build({
  ...bundleOptions,
  entryPoints: { irsa: 'src/commands/irsa.ts' },
  outdir,
  chunkNames: 'chunks/[name]-[hash]',
  splitting: true,
  banner: { js: `#!/usr/bin/env node\n${requireOfBundle}` },
});
