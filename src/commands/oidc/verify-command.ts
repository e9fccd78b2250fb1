import { Option, type CommandUnknownOpts } from '@commander-js/extra-typings';
import { defineClusterCommand } from '../common/cluster-command.ts';
import type { CommandContext } from '../common/define-command.ts';
import { colourOption } from '../common/output-options.ts';
import { caFileText, publicKeyText } from './option-texts.ts';

/** `irsa oidc verify` */
export function verifyCommand(context: CommandContext): CommandUnknownOpts {
  return defineClusterCommand({
    name: 'verify',
    summary: 'Check what an issuer publishes, as AWS STS needs it.',
    description:
      'Fetches the discovery document and the key set over https and checks that issuer, key set, algorithms and keys ' +
      'agree; with --from-cluster or --public-key also that every key of the cluster is published. Shows the thumbprint ' +
      'for an OIDC provider in IAM. Ends with 1 when AWS would refuse the tokens.',
    examples: [
      { purpose: 'An issuer', line: 'irsa oidc verify --issuer https://oidc.example.com/cluster-a' },
      {
        purpose: 'With a certificate of its own authority, against the keys of the cluster',
        line: 'irsa oidc verify --issuer https://oidc.example.com --ca-file ca.crt --from-cluster',
      },
    ],
  })
    .requiredOption('--issuer <url>', 'URL of the issuer.')
    .option('--ca-file <file>', caFileText)
    .option('--public-key <file...>', publicKeyText)
    .option('--from-cluster', 'Check that the keys which the API server publishes are there.')
    .addOption(new Option('-o, --output <format>', 'Format.').choices(['text', 'json']).default('text'))
    .addOption(colourOption())
    .action(async options => {
      const { runVerify } = await import('./run-verify.ts');
      context.finish(await runVerify(options, context.io));
    });
}
