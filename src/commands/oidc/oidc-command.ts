import type { CommandUnknownOpts } from '@commander-js/extra-typings';
import { defineCommand, type CommandContext } from '../common/define-command.ts';
import { bundleCommand } from './bundle-command.ts';
import { discoveryCommand } from './discovery-command.ts';
import { jwksCommand } from './jwks-command.ts';
import { verifyCommand } from './verify-command.ts';

/** `irsa oidc` */
export function oidcCommand(context: CommandContext): CommandUnknownOpts {
  return defineCommand({
    name: 'oidc',
    summary: "Make and check the documents of the cluster's token issuer.",
    description:
      'AWS STS verifies the tokens of pods by two public documents of their issuer: the discovery document and the ' +
      'key set (JWKS). These commands make both for a bucket or a web server, and check what is published.',
    examples: [
      {
        purpose: 'The files of an issuer in a bucket, from the key of the API server',
        line: 'irsa oidc bundle --issuer https://BUCKET.s3.eu-central-1.amazonaws.com --public-key sa.pub -d out',
      },
      {
        purpose: 'Whether AWS can verify the tokens of the cluster',
        line: 'irsa oidc verify --issuer https://oidc.example.com --from-cluster',
      },
    ],
  })
    .addCommand(discoveryCommand(context))
    .addCommand(jwksCommand(context))
    .addCommand(bundleCommand(context))
    .addCommand(verifyCommand(context));
}
