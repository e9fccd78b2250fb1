import type { CommandUnknownOpts } from '@commander-js/extra-typings';
import { defineCommand, type CommandContext } from '../common/define-command.ts';
import { inspectCommand } from './inspect-command.ts';
import { requestCommand } from './request-command.ts';

/** `irsa token` */
export function tokenCommand(context: CommandContext): CommandUnknownOpts {
  return defineCommand({
    name: 'token',
    summary: 'Read and request the tokens that pods take to AWS.',
    description:
      'Shows what a projected ServiceAccount token says and what AWS STS would refuse it for, and requests one.',
    examples: [
      {
        purpose: 'What a pod takes to AWS',
        line:
          'kubectl exec POD -- cat /var/run/secrets/eks.amazonaws.com/serviceaccount/token | ' +
          'irsa token inspect --from-cluster',
      },
      {
        purpose: 'What a pod of a ServiceAccount would get',
        line: 'irsa token request team-a/app | irsa token inspect',
      },
    ],
  })
    .addCommand(inspectCommand(context))
    .addCommand(requestCommand(context));
}
