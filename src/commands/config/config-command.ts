import { Command, Option } from '@commander-js/extra-typings';
import { defineCommand } from '../common/define-command.ts';

/** `irsa config` */
export function defineConfig() {
  return new Command('config')
    .summary('Check the documents that the webhook reads.')
    .description('The webhook reads a mapping of roles from a ConfigMap, and associations from a file.');
}

/** `irsa config validate` */
export function defineConfigValidate() {
  return defineCommand({
    name: 'validate',
    summary: 'Check a mapping, its ConfigMap, or a file of associations.',
    description: `Reads a document as the webhook does and says, with its line, of each entry that the webhook would leave out or
that can hardly be meant so: a role that is no ARN, a field that nobody reads, a key that comes twice. What kind
of document it is shows in its content. Ends with 1 when something was found.`,
    examples: [
      { purpose: 'A mapping before it goes into the ConfigMap', line: 'irsa config validate mapping.json' },
      {
        purpose: 'The one in the cluster',
        line: 'kubectl get configmap pod-identity-webhook -n irsa-system -o yaml | irsa config validate -',
      },
    ],
  })
    .argument('<file>', 'JSON of a mapping or of associations, or the manifest of the ConfigMap; - for standard input.')
    .addOption(new Option('-o, --output <format>', 'Format.').choices(['text', 'json']).default('text'));
}
