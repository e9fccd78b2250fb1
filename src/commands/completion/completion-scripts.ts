export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

/**
 * Each hands the words before the cursor to `irsa __complete` and offers what comes back; where nothing does, files.
 * Bash splits words at "=" itself, so it is given the line, and only the part after "=" is put in.
 */
export const completionScripts: { readonly [shell in Shell]: string } = {
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
