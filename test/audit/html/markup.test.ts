import { describe, expect, test } from 'vitest';
import { html, trusted } from '../../../src/audit/html/markup.ts';

describe('html', () => {
  test.each([
    ['text', 'payments/checkout', 'payments/checkout'],
    ['a number', 12, '12'],
    ['tags', '</script><script>alert(1)</script>', '&lt;/script&gt;&lt;script&gt;alert(1)&lt;/script&gt;'],
    ['quotes', `"onclick='x'`, '&quot;onclick=&#39;x&#39;'],
    ['an entity', '&lt;', '&amp;lt;'],
    ['a right-to-left override', 'a\u202egpj.exe', 'a\\u{202e}gpj.exe'],
    ['a character without width', 'pay\u200bments', 'pay\\u{200b}ments'],
    ['controls and separators of lines', 'a\u0000b\nc\u2028d', 'a\\u{0}b\\u{a}c\\u{2028}d'],
    ['half of a surrogate pair', 'a\ud83d', 'a\\u{d83d}'],
    ['letters of any script', 'Grüße 東京 🙂', 'Grüße 東京 🙂'],
  ])('escapes %s', (_, value, expected) => {
    expect(html`${value}`.text).toBe(expected);
  });

  test('cuts what is longer than any valid name, and says so', () => {
    expect(html`${'x'.repeat(10_000)}`.text).toBe(`${'x'.repeat(1024)}… (8976 more characters)`);
  });

  test('takes markup, alone or in a list, as it is', () => {
    const items = ['a', '<b>'].map(name => html`<li>${name}</li>`);
    expect(html`${items}`.text).toBe('<li>a</li><li>&lt;b&gt;</li>');
    expect(html`${trusted('<hr>')}`.text).toBe('<hr>');
  });
});
