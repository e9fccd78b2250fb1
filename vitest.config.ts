import { defineConfig, type ViteUserConfig } from 'vitest/config';

/** Real servers and processes take their time on two cores; a test that hangs still ends. */
const slowTestMs = 60_000;

const config: ViteUserConfig = defineConfig({
  test: {
    reporters: ['default', './test/summary-reporter.ts'],
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/integration/**', 'test/apiserver/**'],
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
      {
        test: {
          name: 'apiserver',
          include: ['test/apiserver/**/*.test.ts'],
          globalSetup: ['test/cluster/global-setup.ts'],
          testTimeout: 2 * slowTestMs,
          hookTimeout: 2 * slowTestMs,
        },
      },
    ],
  },
});

export default config;
