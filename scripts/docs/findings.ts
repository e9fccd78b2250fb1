import { findingCodes, findingKinds, type FindingCode } from '../../src/comparison/finding-kinds.ts';

export function renderFindings(): string {
  return [
    '# Findings of `irsa audit`',
    '',
    '`irsa audit` compares running pods with what the webhook would give them if they were created now, by the same code.',
    'Each finding has a code that never changes its meaning, a severity, and the workload or ServiceAccount that it is about.',
    '`--fail-on` says from which severity on the command ends with exit code 1 (default: `error`), and',
    '`--suppress CODE=NAMESPACE/NAME` leaves findings out that you have decided to live with.',
    '',
    'Not judged are pods that have ended or are being deleted, and pods that the webhook would pass over: mirror pods, the label',
    '`skip-pod-identity-webhook`, exempt namespaces, and pods whose annotations exclude all containers.',
    '',
    'EKS Pod Identity associations cannot be read from the cluster. Without `--associations FILE` a pod that has container',
    'credentials is taken to have an association.',
    '',
    '`irsa audit --remedy` prints the commands that replace the pods concerned: Deployments first, then StatefulSets,',
    'DaemonSets and pods of other controllers, `kube-system` last. It runs none of them.',
    '',
    ...findingCodes.flatMap(section),
  ].join('\n');
}

function section(code: FindingCode): readonly string[] {
  const { name, title, severity, meaning, consequence, remedy } = findingKinds[code];
  return [
    `## ${code}`,
    '',
    `**${title}** (\`${name}\`, ${severity})`,
    '',
    meaning,
    '',
    `*Why it matters:* ${consequence}`,
    '',
    `*What to do:* ${remedy}`,
    '',
  ];
}
