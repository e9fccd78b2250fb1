import { defineConfig, type TestProjectInlineConfiguration, type ViteUserConfig } from 'vitest/config';

/** Real servers and processes take their time on two cores; a test that hangs still ends. */
const slowTestMs = 60_000;

/** Needs a cluster and images, which `make e2e` provides; its files share both, so one runs at a time. What takes a quarter of
 * an hour is left out where nobody asked for it, and not skipped: a skipped test fails continuous integration. */
const endToEnd: TestProjectInlineConfiguration = {
  test: {
    name: 'e2e',
    include: ['test/e2e/suite/**/*.test.ts', ...(process.env['LONG'] === '1' ? ['test/e2e/long/**/*.test.ts'] : [])],
    globalSetup: ['test/e2e/suite/global-setup.ts'],
    setupFiles: ['test/e2e/support/diagnostics.ts'],
    fileParallelism: false,
    testTimeout: 5 * slowTestMs,
    hookTimeout: 5 * slowTestMs,
  },
};

/** Needs the AWS webhook and AWS SDKs, which its files build or fetch. */
const compatible: TestProjectInlineConfiguration = {
  test: {
    name: 'compat',
    include: ['test/compat/**/*.test.ts'],
    globalSetup: ['test/support/cluster/global-setup.ts'],
    testTimeout: 2 * slowTestMs,
    hookTimeout: 2 * slowTestMs,
  },
};

/** Attacks take all of a machine, so each of these files runs when the others are done. */
const hostile: TestProjectInlineConfiguration = {
  test: {
    name: 'hostile',
    include: ['test/hostile/**/*.test.ts'],
    sequence: { groupOrder: 1 },
    fileParallelism: false,
    testTimeout: 2 * slowTestMs,
    hookTimeout: slowTestMs,
  },
};

const config: ViteUserConfig = defineConfig({
  test: {
    reporters: ['default', './test/summary-reporter.ts'],
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/integration/**', 'test/hostile/**', 'test/apiserver/**', 'test/compat/**', 'test/e2e/**'],
          globalSetup: ['test/chart/global-setup.ts'],
          testTimeout: slowTestMs,
        },
      },
      {
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          testTimeout: slowTestMs,
          hookTimeout: slowTestMs,
        },
      },
      hostile,
      {
        test: {
          name: 'apiserver',
          include: ['test/apiserver/**/*.test.ts'],
          globalSetup: ['test/chart/global-setup.ts', 'test/support/cluster/global-setup.ts'],
          testTimeout: 2 * slowTestMs,
          hookTimeout: 2 * slowTestMs,
        },
      },
      ...(process.env['COMPAT'] === '1' ? [compatible] : []),
      ...(process.env['E2E'] === '1' ? [endToEnd] : []),
    ],
  },
});

export default config;
