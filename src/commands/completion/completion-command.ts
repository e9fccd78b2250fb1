import { Argument, Command, type CommandUnknownOpts } from '@commander-js/extra-typings';
import { defineCommand, type CommandContext } from '../common/define-command.ts';
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

const shells = ['bash', 'zsh', 'fish'] as const;
type Shell = (typeof shells)[number];

/**
 * Each hands the words before the cursor to `irsa __complete` and offers what comes back; where nothing does, files.
 * Bash splits words at "=" itself, so it is given the line, and only the part after "=" is put in.
 */
const completionScripts: { readonly [shell in Shell]: string } = {
  bash: `# bash completion of irsa: source <(irsa completion bash)
_irsa_complete() {
  local line="\${COMP_LINE:0:COMP_POINT}" word="" candidate IFS=$' \\t\\n'
  local -a words
  read -ra words <<< "$line"
  [[ "$line" == *[[:space:]] ]] && words+=("")
  word="\${words[\${#words[@]}-1]}"
  COMPREPLY=()
  while IFS=$'\\t' read -r candidate _; do
    [[ "$word" == *=* && "$COMP_WORDBREAKS" == *=* ]] && candidate="\${candidate#*=}"
    COMPREPLY+=("$candidate")
  done < <("\${words[0]}" __complete -- "\${words[@]:1}" 2> /dev/null)
  [[ "\${#COMPREPLY[@]}" == 1 && "\${COMPREPLY[0]}" == *= ]] && compopt -o nospace 2> /dev/null
  return 0
}
complete -o default -F _irsa_complete irsa
`,
  zsh: `#compdef irsa
# zsh completion of irsa: irsa completion zsh > "\${fpath[1]}/_irsa"
_irsa() {
  local line
  local -a candidates
  while IFS= read -r line; do
    candidates+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
  done < <("\${words[1]}" __complete -- "\${(@)words[2,CURRENT]}" 2> /dev/null)
  if (( \${#candidates} )); then
    _describe irsa candidates
  else
    _files
  fi
}
if [ "$funcstack[1]" = _irsa ]; then
  _irsa "$@"
else
  compdef _irsa irsa
fi
`,
  fish: `# fish completion of irsa: irsa completion fish > ~/.config/fish/completions/irsa.fish
function __irsa_complete
    set --local words (commandline --current-process --tokenize --cut-at-cursor)
    irsa __complete -- $words[2..-1] (commandline --current-token --cut-at-cursor) 2> /dev/null
end
complete --command irsa --arguments '(__irsa_complete)'
`,
};
