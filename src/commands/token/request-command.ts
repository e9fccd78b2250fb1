import type { CommandUnknownOpts } from '@commander-js/extra-typings';
import { defineClusterCommand } from '../common/cluster-command.ts';
import type { CommandContext } from '../common/define-command.ts';

/** `irsa token request` */
export function requestCommand({ io }: CommandContext): CommandUnknownOpts {
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
