import { Argument, Command, type CommandUnknownOpts } from '@commander-js/extra-typings';
import { defineCommand, type CommandContext } from '../common/define-command.ts';
import { completionScripts, shells } from './completion-scripts.ts';
import { findCandidates } from './find-candidates.ts';

/** `irsa completion bash|zsh|fish` */
export function completionCommand({ io }: CommandContext): CommandUnknownOpts {
  return defineCommand({
    name: 'completion',
    summary: 'Print the script that completes irsa in your shell.',
    description:
      'Prints a script for the shell. It asks irsa itself what can come next, so it needs no update with a new version.',
    examples: [
      { purpose: 'In this shell (bash)', line: 'source <(irsa completion bash)' },
      { purpose: 'In every zsh', line: 'irsa completion zsh > "${fpath[1]}/_irsa"' },
      { purpose: 'In every fish', line: 'irsa completion fish > ~/.config/fish/completions/irsa.fish' },
    ],
  })
    .addArgument(new Argument('<shell>', 'The shell.').choices(shells))
    .action(shell => {
      io.stdout.write(completionScripts[shell]);
    });
}

/** What the scripts call; not for people. */
const completeCommandName = '__complete';

/** `irsa __complete WORD…`: a line for each candidate for the last word, with a description after a tab. */
export function completeCommand({ io }: CommandContext, program: () => CommandUnknownOpts): CommandUnknownOpts {
  return new Command(completeCommandName)
    .argument('[words...]')
    .allowUnknownOption()
    .passThroughOptions()
    .helpOption(false)
    .action(words => {
      for (const { text, about } of findCandidates(program(), words)) io.stdout.write(`${text}\t${about}\n`);
    });
}
