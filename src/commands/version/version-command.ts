import { Option, type CommandUnknownOpts } from '@commander-js/extra-typings';
import { defineCommand, type CommandContext } from '../common/define-command.ts';
import { version } from '../version.ts';

/** `irsa version` */
export function versionCommand({ io }: CommandContext): CommandUnknownOpts {
  return defineCommand({
    name: 'version',
    summary: 'Show the version.',
    description: 'Shows the version of the program, which is that of chart and image too.',
    examples: [{ purpose: 'For a script', line: 'irsa version -o json' }],
  })
    .addOption(new Option('-o, --output <format>', 'Format.').choices(['text', 'json']).default('text'))
    .action(({ output }) => {
      const document = {
        apiVersion: 'irsa/v1',
        kind: 'Version',
        version,
        node: process.version,
        platform: process.platform,
      };
      io.stdout.write(output === 'json' ? `${JSON.stringify(document, null, 2)}\n` : `${version}\n`);
    });
}
