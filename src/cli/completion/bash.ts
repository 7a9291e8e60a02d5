import type { Place } from './words.js';

/**
 * Completion for bash: `eval "$(rollcall completion bash)"`. The words before the cursor are walked to find the command; behind an
 * option that takes one of a few words these are offered, behind any other option and for arguments, names of files.
 */
export function bashCompletion(places: readonly Place[]): string {
  const valued = unique(places.flatMap(({ valued: options }) => options.flatMap(({ flags }) => flags)));
  return `# bash completion for rollcall; eval "$(rollcall completion bash)"
_rollcall() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD - 1]} place= commands= flags= choices= i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    case \${COMP_WORDS[i]} in
      ${valued.join(' | ')}) ((i++)) ;;
      -*) ;;
      *)
        case "\${place:+$place }\${COMP_WORDS[i]}" in
          ${alternatives(places)}) place="\${place:+$place }\${COMP_WORDS[i]}" ;;
        esac
        ;;
    esac
  done
  case "$place $before" in
${places.flatMap(choiceCases).join('\n')}
  esac
  if [[ -n $choices ]]; then
    COMPREPLY=($(compgen -W "$choices" -- "$word"))
    return
  fi
  case $before in
    ${valued.join(' | ')}) _rollcall_files "$word"; return ;;
  esac
  case $place in
${places.map(placeCase).join('\n')}
  esac
  if [[ $word == -* ]]; then
    COMPREPLY=($(compgen -W "$flags" -- "$word"))
  elif [[ -n $commands ]]; then
    COMPREPLY=($(compgen -W "$commands" -- "$word"))
  else
    _rollcall_files "$word"
  fi
}
_rollcall_files() {
  local IFS=$'\\n'
  compopt -o filenames 2>/dev/null
  COMPREPLY=($(compgen -f -- "$1"))
}
complete -F _rollcall rollcall
`;
}

function choiceCases({ path, valued }: Place): readonly string[] {
  return valued
    .filter(({ choices }) => choices.length > 0)
    .map(({ flags, choices }) => {
      const patterns = flags.map((flag) => `'${path} ${flag}'`).join(' | ');
      return `    ${patterns}) choices='${choices.join(' ')}' ;;`;
    });
}

function placeCase({ path, commands, flags }: Place): string {
  const names = commands.map(({ name }) => name).join(' ');
  return `    '${path}') commands='${names}' flags='${flags.join(' ')}' ;;`;
}

function alternatives(places: readonly Place[]): string {
  return places
    .filter(({ path }) => path !== '')
    .map(({ path }) => `'${path}'`)
    .join(' | ');
}

function unique(words: readonly string[]): readonly string[] {
  return [...new Set(words)];
}
