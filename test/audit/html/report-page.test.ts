import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { afterAll, describe, expect, test } from 'vitest';
import { renderReport } from '../../../src/audit/html/render-report.ts';
import { runIrsa } from '../../support/run-irsa.ts';
import { startChromium } from '../../support/chromium/start-chromium.ts';
import { dumpJson } from '../../commands/audit/dump.ts';
import { measureContrast } from './contrast.ts';
import { openPage } from './open-report.ts';
import { account, exampleReport, finding, largeReport, reportOf } from './reports.ts';

const browser = await startChromium();
afterAll(() => browser?.close());

const example = renderReport(exampleReport());
const pictures = join(import.meta.dirname, '..', '..', '..', 'test-results', 'audit-report');

const shown = (page: Page, selector: string): Locator => page.locator(`:is(${selector}):visible`);
const textsOf = async (locator: Locator): Promise<readonly string[]> =>
  (await locator.allTextContents()).map(text => text.replaceAll(/\s+/g, ' ').trim());
const ownersOf = (page: Page): Promise<readonly string[]> => textsOf(shown(page, '.owner h3 .object'));
const result = (page: Page): Promise<string> => page.getByRole('status').innerText();

describe.skipIf(browser === undefined)('the HTML report in a browser', () => {
  /** The skipped block has no browser, and runs none of its tests. */
  const open = (text: string, options?: Parameters<typeof openPage>[2]): ReturnType<typeof openPage> => {
    if (browser === undefined) throw new Error('expected a browser');
    return openPage(browser, text, options);
  };

  describe('filter', () => {
    test.each([
      ['part of a workload', 'LEDG', ['payments/ledger']],
      ['a role', 'role/media-thumbnails', ['media/thumbnails-nightly']],
      ['a pod behind "more"', 'fluent-bit-7c9d5c8b6-x63b6', ['logging/fluent-bit']],
      ['two words', 'payments stale', ['payments/ledger']],
      ['a word of the advice alone', 'restart', []],
    ])('shows what matches %s', async (_, text, owners) => {
      await using opened = await open(example);
      await opened.page.getByRole('searchbox').fill(text);
      expect(await ownersOf(opened.page)).toEqual(owners);
      expect(await result(opened.page)).toMatch(new RegExp(`^${owners.length} of 7 findings · `));
      expect(await shown(opened.page, '.no-match[data-list=owner-list]').count()).toBe(owners.length === 0 ? 1 : 0);
    });

    test('leaves out severities, and of a workload the findings that have them', async () => {
      await using opened = await open(example);
      for (const name of [/errors/, /info/]) await opened.page.getByRole('checkbox', { name }).uncheck();
      expect(await ownersOf(opened.page)).toEqual([
        'payments/checkout',
        'media/thumbnails-nightly',
        'logging/fluent-bit',
      ]);
      expect(await textsOf(shown(opened.page, '.finding h4 a'))).toEqual(['IRSA009', 'IRSA003', 'IRSA010']);
      expect(await result(opened.page)).toMatch(/^3 of 7 findings/);
    });

    test('narrows down to a code, and to a namespace in the tables too', async () => {
      await using opened = await open(example);
      await opened.page.getByRole('combobox', { name: 'Code' }).selectOption('IRSA002');
      expect(await ownersOf(opened.page)).toEqual(['payments/ledger']);
      await opened.page.getByRole('button', { name: 'Clear' }).click();
      await opened.page.getByRole('combobox', { name: 'Namespace' }).selectOption('media');
      expect(await ownersOf(opened.page)).toEqual(['media/thumbnails-nightly', 'media/transcoder']);
      expect(await result(opened.page)).toBe('2 of 7 findings · 2 of 7 ServiceAccounts · 1 of 4 roles');
    });

    test('makes way for a link to what it hides', async () => {
      await using opened = await open(example);
      await opened.page.getByRole('searchbox').fill('ledger');
      await opened.page.getByRole('combobox', { name: 'Namespace' }).selectOption('payments');
      await opened.page.locator('.owner a[href^="#account-"]:visible').click();
      expect(await opened.page.locator('tr:target').innerText()).toContain('ledger');
      await opened.page.locator('tr:target a').click();
      expect(await opened.page.locator('tr:target').isVisible()).toBe(true);
    });
  });

  test('orders findings by name and by pods, and back', async () => {
    await using opened = await open(example);
    const order = opened.page.getByRole('combobox', { name: 'Sort by' });
    const initially = await ownersOf(opened.page);
    await order.selectOption('pods');
    expect((await ownersOf(opened.page)).slice(0, 2)).toEqual(['logging/fluent-bit', 'payments/checkout']);
    await order.selectOption('name');
    expect((await ownersOf(opened.page)).slice(0, 2)).toEqual(['logging/fluent-bit', 'media/thumbnails-nightly']);
    await order.selectOption('severity');
    expect(await ownersOf(opened.page)).toEqual(initially);
  });

  test('orders a table by the column whose header is pressed, then the other way round', async () => {
    await using opened = await open(example);
    const table = opened.page.getByRole('table', { name: 'From ServiceAccount to role' });
    const header = table.getByRole('columnheader', { name: 'Running pods' });
    const pods = (): Promise<readonly string[]> => textsOf(table.locator('td.number'));
    await header.getByRole('button').press('Enter');
    expect(await header.getAttribute('aria-sort')).toBe('ascending');
    expect(await pods()).toEqual(['0', '0', '2', '3', '4', '12', '31']);
    await header.getByRole('button').press('Enter');
    expect(await header.getAttribute('aria-sort')).toBe('descending');
    expect(await pods()).toEqual(['31', '12', '4', '3', '2', '0', '0']);
  });

  test('shows both directions of who may assume which role', async () => {
    await using opened = await open(example);
    const accounts = opened.page.getByRole('table', { name: 'From ServiceAccount to role' });
    const refunds = accounts.locator('tr', { hasText: 'refunds' });
    expect(await textsOf(refunds.locator('th, td'))).toEqual([
      'payments/refunds does not exist',
      'arn:aws:iam::111122223333:role/checkout Mapping ConfigMap · token for sts.amazonaws.com, 24 h',
      '0',
    ]);
    const roles = opened.page.getByRole('table', { name: 'From role to ServiceAccounts' });
    expect(await textsOf(roles.locator('tr', { hasText: 'role/checkout' }).locator('li'))).toEqual([
      'payments/checkout',
      'payments/invoices',
      'payments/refunds',
    ]);
  });

  describe('keyboard', () => {
    test('/ goes to the filter, Escape clears it', async () => {
      await using opened = await open(example);
      const { page } = opened;
      const field = page.getByRole('searchbox');
      await page.keyboard.press('/');
      await page.keyboard.type('ledger/');
      expect(await field.inputValue()).toBe('ledger/');
      expect(await ownersOf(page)).toEqual([]);
      await page.keyboard.press('Escape');
      await page
        .getByRole('status')
        .filter({ hasText: /^7 findings/ })
        .waitFor();
      expect(await field.inputValue()).toBe('');
      expect(await page.evaluate('document.activeElement.id')).toBe('filter-text');
    });

    test('every stop of the Tab key is seen, the first leads past the head, and a workload closes by Enter', async () => {
      await using opened = await open(example);
      const { page } = opened;
      await page.keyboard.press('Tab');
      expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to the findings');
      const stops: string[] = [];
      for (let tab = 0; tab < 200; tab += 1) {
        const stop = String(await page.evaluate(focusedElement));
        if (stop === 'BODY') break;
        stops.push(stop);
        await page.keyboard.press('Tab');
      }
      expect(stops.filter(stop => stop.startsWith('unseen'))).toEqual([]);
      for (const kind of ['A', 'INPUT', 'SELECT', 'BUTTON', 'SUMMARY']) expect(stops).toContain(kind);
      expect(stops.length).toBeGreaterThan(50);
      const first = page.locator('.owner details').first();
      await first.locator('summary').first().press('Enter');
      expect(await first.getAttribute('open')).toBeNull();
    });
  });

  test('has landmarks, a name for each control and table, and headings without a gap', async () => {
    await using opened = await open(example);
    const { page } = opened;
    for (const role of ['banner', 'navigation', 'main', 'search', 'contentinfo', 'status'] as const) {
      expect(await page.getByRole(role).count(), role).toBe(1);
    }
    const tree = await page.locator('body').ariaSnapshot();
    expect(tree).not.toMatch(/- (?:searchbox|checkbox|combobox|button|table|link|region)(?::|$)/m);
    const levels = [...tree.matchAll(/heading .*\[level=(\d)\]/g)].map(match => Number(match[1]));
    expect(levels[0]).toBe(1);
    for (const [index, level] of levels.entries()) expect(level - (levels[index - 1] ?? 0)).toBeLessThanOrEqual(1);
  });

  describe('without JavaScript', () => {
    test('everything can be read, and nothing is offered that would not work', async () => {
      await using opened = await open(example, { javaScriptEnabled: false });
      const { page } = opened;
      expect(await page.locator('noscript').innerText()).toContain('need JavaScript');
      expect(await shown(page, 'form, button, output').count()).toBe(0);
      expect(await shown(page, '.finding').count()).toBe(7);
      expect(await shown(page, '#account-rows tr').count()).toBe(7);
      await page.locator('.rest > summary').first().click();
      expect(await page.getByText('checkout-7c9d5c8b6-x2v7p').first().isVisible()).toBe(true);
    });
  });

  describe('print', () => {
    test('shows all findings open, without what only a screen can use', async () => {
      await using opened = await open(renderReport(largeReport(110)));
      const { page } = opened;
      expect(await page.locator('.finding').count()).toBe(100);
      await page.evaluate(
        "addEventListener('beforeprint', () => (document.title = document.querySelectorAll('.finding').length))",
      );
      await page.pdf({ format: 'A4' });
      expect(await page.title()).toBe('110');
      expect(await page.locator('.finding').count()).toBe(100);
      await page.evaluate("dispatchEvent(new Event('beforeprint'))");
      await page.emulateMedia({ media: 'print' });
      expect(await shown(page, '.finding').count()).toBe(110);
      expect(await shown(page, '.names li').count()).toBe(110 * 10 + 110);
      expect(await shown(page, '#account-rows tr').count()).toBe(110);
      expect(await shown(page, 'nav, form, select, .tools, .show-all').count()).toBe(0);
    });

    test('keeps to the filter, and says so', async () => {
      await using opened = await open(example);
      await opened.page.getByRole('searchbox').fill('ledger');
      await opened.page.emulateMedia({ media: 'print' });
      expect(await ownersOf(opened.page)).toEqual(['payments/ledger']);
      expect(await result(opened.page)).toBe('1 of 7 findings · 1 of 7 ServiceAccounts · 1 of 4 roles');
      expect(await opened.page.getByRole('searchbox').isVisible()).toBe(false);
    });

    test('is dark on white, whatever the scheme, and no wider than the paper', async () => {
      await using opened = await open(example, { colorScheme: 'dark', viewport: { width: 680, height: 900 } });
      await opened.page.emulateMedia({ media: 'print' });
      expect(await opened.page.evaluate('getComputedStyle(document.body).backgroundColor')).toBe('rgb(255, 255, 255)');
      expect(await opened.page.evaluate('document.documentElement.scrollWidth')).toBe(680);
      expect((await measureContrast(opened.page)).poor).toEqual([]);
    });
  });

  describe.each(['light', 'dark'] as const)('the %s scheme', colorScheme => {
    test.each([1280, 400])('has enough contrast, fits %i pixels, and leaves a picture', async width => {
      await using opened = await open(example, { colorScheme, viewport: { width, height: 900 } });
      const { page } = opened;
      const { checked, poor } = await measureContrast(page);
      expect(poor).toEqual([]);
      expect(checked).toBeGreaterThan(200);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
      // As high as the page: what is out of sight is not painted.
      await page.setViewportSize({ width, height: Number(await page.evaluate('document.body.scrollHeight')) });
      await mkdir(pictures, { recursive: true });
      await page.screenshot({ path: join(pictures, `${colorScheme}-${width}.png`), fullPage: true });
      expect(opened.problems).toEqual([]);
    });
  });

  test('works as the built program writes it: a bundle may change what is embedded by its text', async () => {
    const { stdout, stderr } = await runIrsa(['audit', '-f', '-', '-o', 'html'], { stdin: dumpJson });
    expect(stdout.startsWith('<!doctype html>'), stderr).toBe(true);
    await using opened = await open(stdout);
    const { page, problems } = opened;
    const all = await ownersOf(page);
    await page.getByRole('searchbox').fill('ns/db');
    expect(await ownersOf(page)).toEqual(['ns/db']);
    expect(all.length).toBeGreaterThan(3);
    expect(problems).toEqual([]);
  });

  test('shows hostile names as text, and stays as wide as the screen', async () => {
    const long = 'x'.repeat(10_000);
    const hostile = [
      `</script><script>alert(1)</script>`,
      `"><img src=x onerror=alert(1)>`,
      `' onmouseover='alert(1)`,
      '</style><!--',
      'javascript:alert(1)//%23',
      'a\u202egpj.exe',
      long,
    ];
    const report = reportOf(
      hostile.map(name =>
        finding('IRSA001', {
          object: { kind: name, namespace: name, name },
          serviceAccount: name,
          role: name,
          podRole: name,
          containers: [name],
          pods: [name, `${name}2`],
          detail: name,
          remedy: { text: name, commands: [name] },
        }),
      ),
      hostile.map(name => account(name, name, { role: name, audience: name })),
    );
    const text = renderReport({ ...report, source: { kind: 'cluster', server: hostile.join(' ') } });
    await using opened = await open(text, { viewport: { width: 400, height: 800 } });
    const { page, problems } = opened;
    expect(await page.locator('script, style').count()).toBe(3);
    expect(await page.locator('img, iframe, object, embed').count()).toBe(0);
    const names = await page.locator('.owner h3 .object b').allTextContents();
    expect(names.slice(0, 5)).toEqual(hostile.slice(0, 5));
    expect(names[5]).toBe('a\\u{202e}gpj.exe');
    expect(names[6]).toMatch(/^x{1024}… \(8976 more characters\)$/);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(400);
    for (const link of await page.locator('a:visible').all()) await link.dispatchEvent('click');
    await page.getByRole('searchbox').fill('<img src=x onerror=');
    expect(await shown(page, '.owner').count()).toBe(1);
    expect(problems).toEqual([]);
  });

  test('stays usable with the findings of 20,000 pods: the first hundred workloads until asked for all', async () => {
    await using opened = await open(renderReport(largeReport(2_000)));
    const { page, problems } = opened;
    expect(await shown(page, '.owner').count()).toBe(100);
    await page.getByRole('searchbox').fill('service-01999');
    expect(await ownersOf(page)).toEqual(['team-39/service-01999']);
    await page.getByRole('searchbox').fill('');
    await page.locator('.show-all[data-list=owner-list]').press('Enter');
    expect(await page.locator('.owner').count()).toBe(2_000);
    expect(await page.evaluate('document.activeElement.textContent')).toContain('service-00100');
    expect(problems).toEqual([]);
  });
});

/** What has the focus, and whether that can be seen. */
const focusedElement = `(() => {
  const element = document.activeElement;
  const ring = getComputedStyle(element.closest('.toggle') ?? element);
  const seen = element === document.body || (ring.outlineStyle !== 'none' && parseFloat(ring.outlineWidth) >= 2);
  return (seen ? '' : 'unseen ' + element.outerHTML.slice(0, 100) + ' ') + element.tagName;
})()`;
