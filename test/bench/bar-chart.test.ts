import { describe, expect, test } from 'vitest';
import { renderBarChart } from '../../bench/bar-chart.ts';

const chart = {
  title: 'CPU <time>',
  axis: 'µs & more',
  series: ['ours', 'theirs'],
  groups: [
    { name: '3 KB', values: [50, 200] },
    { name: '8 KB', values: [100, undefined] },
  ],
};

/** The heights of the bars, in the order in which they are drawn, without the squares of the legend. */
function heights(svg: string): readonly number[] {
  return [...svg.matchAll(/<rect [^>]*height="(?<height>[\d.]+)" fill/g)]
    .map(match => Number(match.groups?.['height']))
    .filter(height => height !== 10);
}

describe('renderBarChart()', () => {
  test('draws bars whose heights are in proportion, and none for a value that is not known', () => {
    const [first = 0, second = 0, third = 0, ...more] = heights(renderBarChart(chart));
    expect(more).toEqual([]);
    expect(second / first).toBeCloseTo(4, 1);
    expect(third / first).toBeCloseTo(2, 1);
  });

  test('escapes what would be markup', () => {
    const svg = renderBarChart(chart);
    expect(svg).toContain('CPU &lt;time&gt;');
    expect(svg).toContain('µs &amp; more');
    expect(svg).not.toContain('<time>');
  });

  test('draws a chart of nothing but zeros', () => {
    const svg = renderBarChart({ ...chart, groups: [{ name: 'none', values: [0, 0] }] });
    expect(svg).not.toContain('NaN');
    expect(heights(svg)).toEqual([0, 0]);
  });
});
