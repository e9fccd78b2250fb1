import { pathToFileURL } from 'node:url';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { createTempFolder } from '../../support/temp-folder.ts';

export interface OpenedPage extends AsyncDisposable {
  readonly page: Page;
  /** Errors, lines of the console, dialogs and requests for anything but the page itself. */
  readonly problems: readonly string[];
}

/** Opens a page from a file, as a reader does with a double click. */
export async function openPage(
  browser: Browser,
  text: string,
  options: BrowserContextOptions = {},
): Promise<OpenedPage> {
  const folder = await createTempFolder();
  const url = pathToFileURL(await folder.write('report.html', text)).href;
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  const problems: string[] = [];
  page.on('console', message => problems.push(`console: ${message.text()}`));
  page.on('pageerror', error => problems.push(`error: ${error.message}`));
  page.on('dialog', dialog => problems.push(`dialog: ${dialog.message()}`));
  page.on('request', request => {
    if (!request.url().startsWith(url)) problems.push(`request: ${request.url()}`);
  });
  await page.goto(url);
  return {
    page,
    problems,
    async [Symbol.asyncDispose]() {
      await context.close();
      await folder[Symbol.asyncDispose]();
    },
  };
}
