import { describe, expect, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { describeOldNode } from '../../src/commands/needed-node.ts';

describe('describeOldNode()', () => {
  test.each([
    { running: '24.12.0', isOld: false },
    { running: '24.12.1-nightly20260101', isOld: false },
    { running: '24.13.0', isOld: false },
    { running: '25.0.0', isOld: false },
    { running: '100.1.0', isOld: false },
    { running: process.versions.node, isOld: false },
    { running: '24.11.9', isOld: true },
    { running: '24.2.0', isOld: true },
    { running: '23.99.0', isOld: true },
    { running: '9.11.2', isOld: true },
    { running: '0.12.18', isOld: true },
  ])('judges $running against >=24.12.0: $isOld', ({ running, isOld }) => {
    const text = `irsa needs Node.js 24.12 or newer; this is ${running}`;
    expect(describeOldNode(running, '>=24.12.0')).toBe(isOld ? text : undefined);
  });

  test('reads what package.json asks for', () => {
    expect(packageJson.engines.node).toMatch(/^>=\d+\.\d+\.\d+$/);
    expect(describeOldNode('1.0.0', packageJson.engines.node)).toMatch(/^irsa needs Node\.js \d+\.\d+ or newer/);
  });
});
