import type { JsonObject } from '../util/type-guards.ts';

export interface TrialPodOptions {
  readonly namespace: string;
  readonly serviceAccount: string;
}

/** A pod that any namespace should let in, whatever its pod security level and quotas. It is only ever tried, by a dry run. */
export function trialPod({ namespace, serviceAccount }: TrialPodOptions): JsonObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { generateName: 'irsa-check-', namespace },
    spec: {
      serviceAccountName: serviceAccount,
      restartPolicy: 'Never',
      securityContext: { runAsNonRoot: true, runAsUser: 65_532, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [
        {
          name: 'check',
          image: 'registry.k8s.io/pause:3.10',
          resources: { requests: { cpu: '1m', memory: '1Mi' }, limits: { cpu: '1m', memory: '16Mi' } },
          securityContext: {
            allowPrivilegeEscalation: false,
            capabilities: { drop: ['ALL'] },
            readOnlyRootFilesystem: true,
          },
        },
      ],
    },
  };
}
