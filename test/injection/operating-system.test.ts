import { describe, expect, test } from 'vitest';
import { isWindowsPod, toWindowsPath } from '../../src/injection/operating-system.ts';
import { readPod } from '../../src/injection/pod.ts';

function required(...terms: object[]): object {
  return { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: terms } } };
}

function asks(...values: string[]): object {
  return { matchExpressions: [{ key: 'kubernetes.io/os', operator: 'In', values }] };
}

describe('isWindowsPod()', () => {
  test.each([
    { name: 'E130: node selector', spec: { nodeSelector: { 'kubernetes.io/os': 'windows' } }, expected: true },
    { name: 'E130: old node selector', spec: { nodeSelector: { 'beta.kubernetes.io/os': 'windows' } }, expected: true },
    { name: 'E130: node selector linux', spec: { nodeSelector: { 'kubernetes.io/os': 'linux' } }, expected: false },
    { name: 'E131: spec.os', spec: { os: { name: 'windows' } }, expected: true },
    { name: 'E132: required affinity', spec: { affinity: required(asks('windows')) }, expected: true },
    { name: 'E132: affinity to either', spec: { affinity: required(asks('windows', 'linux')) }, expected: false },
    { name: 'E132: an alternative without it', spec: { affinity: required(asks('windows'), {}) }, expected: false },
    { name: 'E132: no term', spec: { affinity: required() }, expected: false },
    {
      name: 'E132: NotIn',
      spec: {
        affinity: required({ matchExpressions: [{ key: 'kubernetes.io/os', operator: 'NotIn', values: ['windows'] }] }),
      },
      expected: false,
    },
    {
      name: 'E188: NotIn linux',
      spec: {
        affinity: required({ matchExpressions: [{ key: 'kubernetes.io/os', operator: 'NotIn', values: ['linux'] }] }),
      },
      expected: true,
    },
    {
      name: 'E132: preferred only',
      spec: { affinity: { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [asks('windows')] } } },
      expected: false,
    },
    {
      name: 'E133: spec.os wins over the selector',
      spec: { os: { name: 'linux' }, nodeSelector: { 'kubernetes.io/os': 'windows' } },
      expected: false,
    },
    { name: 'E12: odd types', spec: { os: 5, nodeSelector: [], affinity: 'x' }, expected: false },
  ])('is $expected when: $name', ({ spec, expected }) => {
    expect(isWindowsPod(readPod({ spec }))).toBe(expected);
  });
});

describe('toWindowsPath()', () => {
  test.each([
    { path: '/var/run/secrets/token', expected: 'C:\\var\\run\\secrets\\token' },
    { path: 'C:\\var\\token', expected: 'C:\\var\\token' },
    { path: 'd:/var/token', expected: 'd:\\var\\token' },
  ])('E130 E134: gives $expected when the path is $path', ({ path, expected }) => {
    expect(toWindowsPath(path)).toBe(expected);
  });
});
