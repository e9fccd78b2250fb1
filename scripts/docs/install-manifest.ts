import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { findTool } from '../tools/tool.ts';

const root = join(import.meta.dirname, '..', '..');
const namespace = 'irsa-system';

const header = `# The chart charts/irsa-webhook with its defaults, in a namespace of its own; written by \`make docs\`.
#
#   kubectl apply --server-side -f install.yaml
apiVersion: v1
kind: Namespace
metadata:
  name: ${namespace}
  labels:
    pod-security.kubernetes.io/enforce: restricted
`;

/** deploy/install.yaml, for those who do not use Helm. */
export function renderInstallManifest(): string {
  const args = ['template', 'irsa-webhook', 'charts/irsa-webhook', '--namespace', namespace, '--skip-tests'];
  // There is no cluster to ask, and each Helm takes another version for granted.
  const rendered = execFileSync(findTool('helm'), [...args, '--kube-version', '1.36.0'], {
    cwd: root,
    encoding: 'utf8',
  });
  // Nothing here is managed by Helm; its labels would say so.
  const lines = rendered
    .split('\n')
    .filter(line => !/^ +(helm\.sh\/chart|app\.kubernetes\.io\/managed-by): /.test(line));
  return header + lines.join('\n').replaceAll(/\n{2,}---/g, '\n---');
}
