import { Option, type CommandUnknownOpts } from '@commander-js/extra-typings';
import { defineClusterCommand } from '../common/cluster-command.ts';
import type { CommandContext, CommandTexts } from '../common/define-command.ts';
import { colourOption } from '../common/output-options.ts';
import { caFileText } from '../oidc/option-texts.ts';

const texts: CommandTexts = {
  name: 'inspect',
  summary: 'Show what a token says and what is wrong with it for AWS.',
  description:
    'Reads a token from the file, or from standard input, and shows its header and claims, never the token itself. With ' +
    '--jwks, --issuer or --from-cluster its signature is verified too. Keys are fetched from a URL only when you say so: ' +
    '--issuer URL fetches from that URL and expects it in the token, --issuer alone trusts the URL that the token names. ' +
    'Ends with 1 when AWS would refuse the token.',
  examples: [
    { purpose: 'A token in a file', line: 'irsa token inspect token.jwt' },
    {
      purpose: 'Verified by the keys that AWS would fetch',
      line: 'irsa token inspect token.jwt --issuer https://oidc.example.com/cluster-a',
    },
    { purpose: 'Verified by the keys of the cluster', line: 'irsa token inspect token.jwt --from-cluster' },
  ],
};

/** `irsa token inspect` */
export function inspectCommand(context: CommandContext): CommandUnknownOpts {
  return defineClusterCommand(texts)
    .argument('[file]', 'File with the token; without it, or for -, standard input.', '-')
    .option('--audience <audience...>', 'Audience that is expected; without it sts.amazonaws.com.')
    .option('--verify', 'Verify the signature, by the keys of one of the next three options, which imply it.')
    .option('--jwks <file>', 'Key set (JWKS) in a file.')
    .option('--issuer [url]', "Key set that this issuer publishes; without a URL that of the token's own issuer.")
    .option('--from-cluster', 'Key set of the API server.')
    .option('--ca-file <file>', caFileText)
    .addOption(new Option('-o, --output <format>', 'Format.').choices(['text', 'json']).default('text'))
    .addOption(colourOption())
    .action(async (file, options) => {
      const { runInspect } = await import('./run-inspect.ts');
      context.finish(await runInspect(file, options, context.io));
    });
}
