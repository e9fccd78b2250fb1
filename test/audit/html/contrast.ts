import type { Page } from 'playwright-core';
import * as z from 'zod';

/** A text on the page whose colour is too near to that of its ground. */
export interface PoorText {
  readonly text: string;
  readonly element: string;
  /** 1 to 21. https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio */
  readonly contrast: number;
}

const answer = z.object({
  checked: z.number(),
  poor: z.array(z.object({ text: z.string(), element: z.string(), contrast: z.number() })),
});

/** Looks at every piece of text that is shown: how many, and those with less contrast than 4.5, what WCAG 2.2 AA asks for. */
export async function measureContrast(page: Page): Promise<{ checked: number; poor: readonly PoorText[] }> {
  return answer.parse(await page.evaluate(`(${inBrowser})()`));
}

const inBrowser = `() => {
  const channels = colour => (colour.match(/[\\d.]+/g) ?? []).map(Number);
  const linear = value => (value /= 255) <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  const luminance = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
  const ground = element => {
    for (let at = element; at !== null; at = at.parentElement) {
      const colour = channels(getComputedStyle(at).backgroundColor);
      if ((colour[3] ?? 1) === 1) return colour;
      if (colour[3] !== 0) throw new Error('expected grounds that are opaque or absent');
    }
    throw new Error('expected a ground');
  };
  const poor = [];
  let checked = 0;
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    const text = walker.currentNode.textContent.trim();
    if (text === '' || element.closest('script, style, noscript') || !element.checkVisibility()) continue;
    const style = getComputedStyle(element);
    const [a, b] = [luminance(channels(style.color)), luminance(ground(element))].sort((a, b) => b - a);
    const contrast = (a + 0.05) / (b + 0.05);
    checked += 1;
    if (contrast < 4.5 || Number(style.opacity) < 1) poor.push({ text, element: element.outerHTML.slice(0, 80), contrast });
  }
  return { checked, poor };
}`;
