import type { CommandUnknownOpts } from '@commander-js/extra-typings';
import { defineClusterCommand } from '../common/cluster-command.ts';
import type { CommandContext } from '../common/define-command.ts';
import { fromClusterText, legacyEmptyKidText, publicKeyText } from './option-texts.ts';

/** `irsa oidc jwks` */
export function jwksCommand({ io }: CommandContext): CommandUnknownOpts {
  return defineClusterCommand({
    name: 'jwks',
    summary: 'Write the key set (JWKS) of an issuer.',
    description:
      'Writes the key set that kube-apiserver serves at /openid/v1/jwks for these keys, byte for byte. With several ' +
      'keys it serves a rotation: publish the new key beside the old one, wait for caches (an hour), then let the API ' +
      'server sign with it, and take the old key out when its last token has expired.',
    examples: [
      {
        purpose: 'From the files that --service-account-key-file names',
        line: 'irsa oidc jwks --public-key sa.pub > jwks',
      },
      {
        purpose: 'What the cluster publishes, and the next key',
        line: 'irsa oidc jwks --from-cluster --public-key new.pub',
      },
    ],
  })
    .option('--public-key <file...>', publicKeyText)
    .option('--from-cluster', fromClusterText)
    .option('--legacy-empty-kid', legacyEmptyKidText)
    .action(async options => {
      const { runJwks } = await import('./run-documents.ts');
      await runJwks(options, io);
    });
}
