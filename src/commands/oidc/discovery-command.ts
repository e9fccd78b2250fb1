import type { CommandUnknownOpts } from '@commander-js/extra-typings';
import { defineClusterCommand } from '../common/cluster-command.ts';
import type { CommandContext } from '../common/define-command.ts';
import { fromClusterText, issuerText, jwksUriText, publicKeyText } from './option-texts.ts';

/** `irsa oidc discovery` */
export function discoveryCommand({ io }: CommandContext): CommandUnknownOpts {
  return defineClusterCommand({
    name: 'discovery',
    summary: 'Write the discovery document of an issuer.',
    description:
      'Writes the document that kube-apiserver serves at /.well-known/openid-configuration, byte for byte. It lists the ' +
      'algorithms of the keys that are given; without keys RS256, that of every RSA key.',
    examples: [
      {
        purpose: 'For an issuer whose keys are RSA',
        line: 'irsa oidc discovery --issuer https://oidc.example.com/cluster-a > openid-configuration',
      },
      {
        purpose: 'For an ECDSA key, the key set being elsewhere',
        line: 'irsa oidc discovery --issuer https://oidc.example.com --jwks-uri https://keys.example.com/jwks --public-key ec.pub',
      },
    ],
  })
    .requiredOption('--issuer <url>', issuerText)
    .option('--jwks-uri <url>', jwksUriText)
    .option('--public-key <file...>', publicKeyText)
    .option('--from-cluster', fromClusterText)
    .action(async options => {
      const { runDiscovery } = await import('./run-documents.ts');
      await runDiscovery(options, io);
    });
}
