import { z } from 'zod';
import type { JsonObject } from '../../src/util/json.ts';
import { succeeded, type CallOptions, type KubernetesClient } from '../support/cluster/client.ts';
import { createPod } from '../support/cluster/objects.ts';
import { namespace } from './names.ts';

/** A pod like any other, except that no node may run it: there is no image, and nothing depends on a node here. */
const spec = {
  automountServiceAccountToken: false,
  schedulingGates: [{ name: 'irsa-webhook.test/demo' }],
};

/** The pod as the API server stores it, or would with a dry run. It has the name of its ServiceAccount. */
export async function storePod(client: KubernetesClient, name: string, options: CallOptions = {}): Promise<JsonObject> {
  return succeeded(await createPod(client, namespace, { name, serviceAccount: name, spec, ...options })).body;
}

const variable = z.union([
  z.object({ name: z.string(), value: z.string() }),
  z
    .object({
      name: z.string(),
      valueFrom: z.object({ fieldRef: z.object({ fieldPath: z.literal('metadata.name') }) }),
    })
    .transform(({ name }) => ({ name, value: undefined })),
]);
const token = z.object({ audience: z.string(), expirationSeconds: z.number(), path: z.string() });
const identifiedPod = z.object({
  metadata: z.object({ name: z.string(), uid: z.string() }),
  spec: z.object({
    containers: z.tuple([z.object({ env: z.array(variable) })]),
    volumes: z.tuple([
      z.object({ projected: z.object({ sources: z.tuple([z.object({ serviceAccountToken: token })]) }) }),
    ]),
  }),
});

/** What a kubelet and a container would make of a pod with an identity. */
export interface IdentifiedPod {
  readonly name: string;
  readonly uid: string;
  /** The container's variables, with references to the pod's name filled in. */
  readonly environment: { readonly [name: string]: string };
  /** What the injected volume asks for. */
  readonly token: { readonly audience: string; readonly expirationSeconds: number; readonly path: string };
}

/** Throws when the pod has no identity. */
export function readIdentifiedPod(pod: JsonObject): IdentifiedPod {
  const { metadata, spec } = identifiedPod.parse(pod);
  const [container] = spec.containers;
  const [volume] = spec.volumes;
  return {
    ...metadata,
    environment: Object.fromEntries(container.env.map(({ name, value = metadata.name }) => [name, value])),
    token: volume.projected.sources[0].serviceAccountToken,
  };
}
