import { flagsMarkdown } from '../../src/configuration/help-text.ts';
import { serveTable } from '../../src/configuration/serve-settings.ts';

export function renderFlags(): string {
  return [
    '# Flags of `irsa serve`',
    '',
    'All flags of the AWS webhook, in the same syntax, and ours. Each can come from the environment too; a flag wins over the',
    'environment, and both over the default. `irsa serve --print-config` shows what is in effect and where it comes from.',
    '',
    flagsMarkdown(serveTable),
  ].join('\n');
}
