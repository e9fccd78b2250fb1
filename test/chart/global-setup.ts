import type { TestProject } from 'vitest/node';
import { prepareHelm3 } from './helm-3.ts';

/**
 * Builds Helm 3 before any test looks for it. Where there is no Go its tests are skipped, with one line that says what to
 * install; with CI=true that is a failure.
 */
export async function setup(project: TestProject): Promise<void> {
  const helm3 = await prepareHelm3();
  project.provide('helm3', helm3);
  if (helm3.kind === 'available') return;
  if (process.env['CI'] === 'true') throw new Error(helm3.detail);
  process.stderr.write(`Skipping the tests with Helm 3: ${helm3.detail}\n`);
}
