import { describe, expect, test } from 'vitest';
import type { Load } from '../../bench/load.ts';
import { formatReport } from '../../bench/report.ts';
import { medianLoad, type WebhookResult } from '../../bench/results.ts';
import { loadOf } from './support.ts';

function result(name: string, load: Load, more: Partial<WebhookResult> = {}): WebhookResult {
  const rounds = [load];
  return {
    name,
    started: undefined,
    tlsVersion: 'TLSv1.3',
    idle: load.memory,
    underLoad: load.memory,
    afterLoad: load.memory,
    scenarios: [
      { kind: 'saturated', name: '8 KB', median: medianLoad(rounds), rounds },
      { kind: 'open_loop', name: '500/s', median: medianLoad(rounds), rounds },
    ],
    ...more,
  };
}

/** The cells of the rows of this webhook, without the spaces between them. */
function rowsOf(report: string, webhook: string): readonly string[] {
  const lines = report.split('\n').map(line => line.replaceAll(/ {2,}/g, '|').trim());
  return lines.filter(line => line.split('|').includes(webhook));
}

describe('formatReport()', () => {
  test('gives a row in each table for one webhook, and no ratios', () => {
    const report = formatReport([result('ours', loadOf(1_234.567), { started: { listening: 99.6, ready: 200.2 } })]);
    expect(rowsOf(report, 'ours')).toEqual([
      '8 KB|ours|1,235|1,235|1,234.57|1,234.57|1,234.57|1,234.57|0',
      '500/s|ours|1,235|1,234.57|1,234.57|1,234.57|1,234.57|1,234.57|0',
      'ours|1,234.6|1,234.6|1,234.6|1,234.6|1,234.6|1,234.6|1,234.6',
      'ours|100|200',
    ]);
    expect(report).not.toContain('ratio');
  });

  test('divides ours by the other one', () => {
    const report = formatReport([result('ours', loadOf(30)), result('other', loadOf(10))]);
    expect(rowsOf(report, 'ratio')).toEqual([
      '8 KB|ratio|3.00×|3.00×|3.00×|3.00×|3.00×|3.00×|–',
      '500/s|ratio|3.00×|3.00×|3.00×|3.00×|3.00×|3.00×|–',
      'ratio|3.00×|3.00×|3.00×|3.00×|3.00×|3.00×|3.00×',
      'ratio|–|–',
    ]);
    expect(report).toContain('ratio: ours divided by other.');
  });

  test('shows what the system does not tell as a dash', () => {
    const unknown = loadOf(1, { cpuMicroseconds: undefined, webhookCore: undefined, memory: undefined });
    const report = formatReport([result('ours', unknown), result('other', unknown)]);
    expect(rowsOf(report, 'ours')[0]).toBe('8 KB|ours|1|–|–|1.00|1.00|1.00|0');
    expect(rowsOf(report, 'ratio')[0]).toBe('8 KB|ratio|1.00×|–|–|1.00×|1.00×|1.00×|–');
  });

  test('names the causes of failures', () => {
    const report = formatReport([result('ours', loadOf(1, { failures: { 'HTTP 503': 7 } }))]);
    expect(report).toContain('Failures: ours at 8 KB: 7 × HTTP 503; ours at 500/s: 7 × HTTP 503.');
  });

  test('says when the client was the bottleneck', () => {
    const busy = loadOf(1, { clientCore: 0.99, webhookCore: 0.6 });
    expect(formatReport([result('ours', busy)])).toContain('The client had no time left');
    const saturated = loadOf(1, { clientCore: 0.99, webhookCore: 0.99 });
    expect(formatReport([result('ours', saturated)])).not.toContain('The client had no time left');
  });

  test('says when other programs were busy', () => {
    expect(formatReport([result('ours', loadOf(1, { othersCores: 0.7 }))])).toContain('used up to 0.7 cores');
    expect(formatReport([result('ours', loadOf(1, { othersCores: 0.1 }))])).not.toContain('Other programs');
  });
});
