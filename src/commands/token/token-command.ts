import type { CommandUnknownOpts } from '@commander-js/extra-typings';
import { defineCommand, type CommandContext } from '../common/define-command.ts';
import { inspectCommand } from './inspect-command.ts';
import { defineClusterCommand } from '../common/cluster-command.ts';

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

/** `irsa token request` */
function requestCommand({ io }: CommandContext): CommandUnknownOpts {
  return defineClusterCommand({
    name: 'request',
    summary: 'Request a token of a ServiceAccount from the cluster.',
    description:
      'Requests a token by TokenRequest, as the kubelet does for the volume of a pod, and writes it to standard output. ' +
      'It is a secret: whoever has it may assume the role until it expires.',
    examples: [
      { purpose: 'A token for AWS, looked into', line: 'irsa token request team-a/app | irsa token inspect' },
      {
        purpose: 'Whether AWS takes it',
        line:
          'irsa token request team-a/app > token && AWS_WEB_IDENTITY_TOKEN_FILE=token ' +
          'AWS_ROLE_ARN=arn:aws:iam::111122223333:role/app aws sts get-caller-identity',
      },
    ],
  })
    .argument('<namespace/name>', 'ServiceAccount; without a namespace that of -n or of the context.')
    .option('--audience <audience...>', 'Audience of the token; without it sts.amazonaws.com.')
    .option('--duration <duration>', 'How long it is valid, as in 1h, at least 10m.', '1h')
    .action(async (account, options) => {
      const { runRequest } = await import('./run-request.ts');
      await runRequest(account, options, io);
    });
}
