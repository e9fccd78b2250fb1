import type { Reporter, TestModule } from 'vitest/node';

/**
 * Ends the run with one plain line, `N passed, N failed, N skipped`, and fails it in continuous integration when anything
 * was skipped: a test that does not run there runs nowhere.
 */
export default class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const tests = modules.flatMap(module => [...module.children.allTests()]);
    const count = (state: string): number => tests.filter(test => test.result().state === state).length;
    const skipped = count('skipped');
    console.log(`${count('passed')} passed, ${count('failed')} failed, ${skipped} skipped`);
    if (process.env['CI'] !== 'true' || skipped === 0) return;
    for (const test of tests.filter(test => test.result().state === 'skipped')) {
      console.error(`skipped where CI=true: ${test.module.moduleId}: ${test.fullName}`);
    }
    process.exitCode = 1;
  }
}
