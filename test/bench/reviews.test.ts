import { describe, expect, test } from 'vitest';
import { createReviews } from '../../bench/reviews.ts';

const account = { namespace: 'bench-0', name: 'account-0' };

interface ReviewBody {
  readonly request: {
    readonly namespace: string;
    readonly object: {
      readonly metadata: { readonly managedFields: readonly unknown[]; readonly generateName: string };
      readonly spec: {
        readonly serviceAccountName: string;
        readonly containers: readonly { readonly env?: readonly unknown[] }[];
        readonly initContainers?: readonly unknown[];
        readonly volumes: readonly unknown[];
      };
    };
  };
}

describe('createReviews()', () => {
  const shapes = [
    { name: '3.5 KB', bytes: 3_519, containers: 1, initContainers: 0, variables: 0 },
    { name: '8 KB', bytes: 8_081, containers: 2, initContainers: 1, variables: 3 },
    { name: '40 KB', bytes: 40_161, containers: 6, initContainers: 3, variables: 20 },
  ];

  test.each(shapes)('gives a review of $name with $containers + $initContainers containers', shape => {
    const review = createReviews(account).find(({ name }) => name === shape.name);
    const { request }: ReviewBody = JSON.parse(review?.body.toString('utf8') ?? '');
    const { metadata, spec } = request.object;

    // The sizes of decision 7, to 4 %.
    expect(Math.abs((review?.body.length ?? 0) - shape.bytes) / shape.bytes).toBeLessThan(0.04);
    expect(spec.containers).toHaveLength(shape.containers);
    expect(spec.initContainers ?? []).toHaveLength(shape.initContainers);
    expect(spec.containers[0]?.env ?? []).toHaveLength(shape.variables);
    expect(metadata.managedFields).toHaveLength(1);
    expect(metadata.generateName).not.toBe('');
    expect(spec.volumes.length).toBeGreaterThan(0);
    expect([request.namespace, spec.serviceAccountName]).toEqual([account.namespace, account.name]);
  });

  test('gives the same bytes every time', () => {
    expect(createReviews(account)).toEqual(createReviews(account));
  });
});
