import type { Place } from './words.js';

/** Completion for zsh: `eval "$(rollcall completion zsh)"`, or the text as `_rollcall` in a folder of `fpath`. As that for bash. */
export function zshCompletion(places: readonly Place[]): string {
  const valued = [...new Set(places.flatMap(({ valued: options }) => options.flatMap(({ flags }) => flags)))];
  const paths = places.filter(({ path }) => path !== '').map(({ path }) => `'${path}'`);
  return `#compdef rollcall
# zsh completion for rollcall; eval "$(rollcall completion zsh)"
_rollcall() {
  local word=\${words[CURRENT]} before=\${words[CURRENT - 1]} place= next i
  local -a commands flags choices
  for ((i = 2; i < CURRENT; i++)); do
    case \${words[i]} in
      (${valued.join('|')}) ((i++)) ;;
      (-*) ;;
      (*)
        next="\${place:+$place }\${words[i]}"
        case $next in
          (${paths.join('|')}) place=$next ;;
        esac
        ;;
    esac
  done
  case "$place $before" in
${places.flatMap(choiceCases).join('\n')}
  esac
  if ((\${#choices})); then
    compadd -a choices
    return
  fi
  case $before in
    (${valued.join('|')}) _files; return ;;
  esac
  case $place in
${places.map(placeCase).join('\n')}
  esac
  if [[ $word == -* ]]; then
    compadd -a flags
  elif ((\${#commands})); then
    _describe command commands
  else
    _files
  fi
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
  _rollcall "$@"
else
  (($+functions[compdef])) || { autoload -Uz compinit && compinit; }
  compdef _rollcall rollcall
fi
`;
}

function choiceCases({ path, valued }: Place): readonly string[] {
  return valued
    .filter(({ choices }) => choices.length > 0)
    .map(({ flags, choices }) => {
      const patterns = flags.map((flag) => `'${path} ${flag}'`).join('|');
      return `    (${patterns}) choices=(${choices.join(' ')}) ;;`;
    });
}

function placeCase({ path, commands, flags }: Place): string {
  const described = commands.map(({ name, summary }) => quoted(`${name}:${summary}`)).join(' ');
  return `    ('${path}') commands=(${described}) flags=(${flags.join(' ')}) ;;`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
