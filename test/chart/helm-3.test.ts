import { describe, expect, inject, test } from 'vitest';
import { helm3Version } from './helm-3.ts';
import { parseObjects, readValuesFiles, refusal, renderText, runHelm, type KubernetesObject } from './helm.ts';

/** Each Helm has its own order for kinds that it does not know. */
function inOrder(text: string): ReturnType<typeof parseObjects> {
  return parseObjects(text).toSorted((a, b) => order(a).localeCompare(order(b)));
}

function order({ kind, metadata }: KubernetesObject): string {
  return `${kind}/${metadata.name}`;
}

const helm3 = inject('helm3');

describe.skipIf(helm3.kind === 'unavailable')(`Helm ${helm3Version}`, async () => {
  const helm = helm3.kind === 'available' ? helm3.path : '';

  test.each(await readValuesFiles())('renders $name as Helm 4 does', async ({ values }) => {
    const [three, four] = await Promise.all([renderText({ values, helm }), renderText({ values })]);
    expect(inOrder(three)).toEqual(inOrder(four));
  });

  test('finds the same faults in values', async () => {
    expect(await refusal({ values: { replicaCuont: 1 }, helm })).toContain('replicaCuont');
    expect(await refusal({ values: { image: { tag: 1.1 } }, helm })).toContain('/image/tag');
    expect(await refusal({ values: { pki: { existingSecret: 'a' } }, helm })).toContain('needs pki.caBundle');
  });

  test('passes the chart in helm lint', async () => {
    expect(await runHelm(['lint', '--strict'], { helm })).toMatchObject({ code: 0 });
  });
});
