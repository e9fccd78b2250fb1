import { ownString } from '../util/type-guards.ts';
import { ofWorkload, passed, skipped, warning, type Check, type CheckOutcome } from './check.ts';
import { ifAllowed } from '../cluster/needed-right.ts';
import type { PodMetrics } from '../cluster/metrics.ts';

export const versions: Check = {
  code: 'versions',
  group: 'Workload',
  title: 'webhook and command have one version',
  run: ofWorkload(async ({ container }, { kind }, { metrics, version }) => {
    if (kind !== 'ours') return skipped('it is not this webhook');
    const image = ownString(container, 'image') ?? '';
    const read = await ifAllowed(metrics);
    const running = 'value' in read ? versionsIn(read.value) : [];
    const tagged = tagOf(image);
    return judgeVersions(running.length > 0 || tagged === undefined ? running : [tagged], version, image);
  }),
};

/** `running`: of each replica that tells it, else the one of the image's tag. */
function judgeVersions(running: readonly string[], own: string, image: string): CheckOutcome {
  const found = [...new Set(running)].sort();
  if (found.length === 0) return skipped(`neither the metrics nor the image ${image} tell it`);
  if (found.every(version => version === own)) return passed(own);
  return warning(
    `expected ${own}, the version of this command, found ${found.join(' and ')}`,
    'What this command says of decisions may not be what the webhook does: use the same version.',
  );
}

function versionsIn(metrics: readonly PodMetrics[]): readonly string[] {
  return metrics.flatMap(found => {
    if (found.kind === 'unreachable') return [];
    const info = found.samples.find(({ name }) => name === 'irsa_webhook_build_info');
    return info?.labels.get('version') ?? [];
  });
}

/** `1.2.3` of `registry:5000/irsa-webhook:v1.2.3@sha256:…` */
export function tagOf(image: string): string | undefined {
  return /:v?([^:/@]+)$/.exec(image.replace(/@.*$/, ''))?.[1];
}
