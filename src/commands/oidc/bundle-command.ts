import type { CommandUnknownOpts } from '@commander-js/extra-typings';
import { defineClusterCommand } from '../common/cluster-command.ts';
import type { CommandContext } from '../common/define-command.ts';
import { fromClusterText, issuerText, jwksUriText, legacyEmptyKidText, publicKeyText } from './option-texts.ts';

/** `irsa oidc bundle` */
export function bundleCommand({ io }: CommandContext): CommandUnknownOpts {
  return defineClusterCommand({
    name: 'bundle',
    summary: 'Write both documents of an issuer into a folder, as a bucket or web server has them.',
    description:
      'Writes .well-known/openid-configuration and openid/v1/jwks beneath the folder and shows their paths. A file that is ' +
      'there with another content is not replaced without --force, and then nothing is written.',
    examples: [
      {
        purpose: 'For a bucket',
        line: 'irsa oidc bundle --issuer https://BUCKET.s3.eu-central-1.amazonaws.com --public-key sa.pub -d out',
      },
      {
        purpose: 'Uploaded by the AWS command line',
        line: 'aws s3 cp out s3://BUCKET --recursive --content-type application/json',
      },
    ],
  })
    .requiredOption('-d, --dir <folder>', 'Folder to write into; it is made where it is missing.')
    .requiredOption('--issuer <url>', issuerText)
    .option('--jwks-uri <url>', jwksUriText)
    .option('--public-key <file...>', publicKeyText)
    .option('--from-cluster', fromClusterText)
    .option('--legacy-empty-kid', legacyEmptyKidText)
    .option('--force', 'Replace files that differ.')
    .action(async options => {
      const { runBundle } = await import('./run-documents.ts');
      await runBundle(options, io);
    });
}
