import { describe, expect, test } from 'vitest';
import { neededRight } from '../../src/cluster/reader.ts';

describe('neededRight()', () => {
  test.each([
    {
      message: 'secrets "a" is forbidden: User "me" cannot get resource "secrets" in API group "" in the namespace "x"',
      right: 'get on secrets in x',
    },
    {
      message: 'User "me" cannot list resource "pods/proxy" in API group "" at the cluster scope',
      right: 'list on pods/proxy',
    },
    {
      message: 'User "me" cannot list resource "endpointslices" in API group "discovery.k8s.io" in the namespace "x"',
      right: 'list on endpointslices.discovery.k8s.io in x',
    },
    { message: 'forbidden: User "me" cannot get path "/metrics"', right: 'get on the path /metrics' },
    { message: 'forbidden by somebody', right: 'forbidden by somebody' },
  ])('$right', ({ message, right }) => {
    expect(neededRight(message)).toBe(right);
  });
});
