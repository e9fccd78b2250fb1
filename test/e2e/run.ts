// `make e2e`: the image, the chart and real AWS clients on a real cluster. Beside what machine/with-cluster.ts reads:
//
//   TESTS='...'       arguments for vitest
//   LONG=1            also what takes a quarter of an hour
import { join } from 'node:path';
import { run } from './machine/command.ts';
import { withCluster } from './machine/with-cluster.ts';

await withCluster({ file: import.meta.filename, use: runSuite });

async function runSuite(): Promise<boolean> {
  const vitest = join(import.meta.dirname, '..', '..', 'node_modules', 'vitest', 'vitest.mjs');
  const tests = (process.env['TESTS'] ?? '').split(' ').filter(argument => argument !== '');
  const args = [vitest, 'run', '--project', 'e2e', ...tests];
  const { code } = await run(process.execPath, args, { environment: { E2E: '1' }, isShown: true });
  return code === 0;
}
