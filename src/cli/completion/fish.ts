import type { Place } from './words.js';

/** Completion for fish: `rollcall completion fish | source`. Each line tells at which command it counts. */
export function fishCompletion(places: readonly Place[]): string {
  const valued = [...new Set(places.flatMap(({ valued: options }) => options.flatMap(({ flags }) => flags)))];
  const paths = places.map(({ path }) => path).filter((path) => path !== '');
  return `# fish completion for rollcall; rollcall completion fish | source
function __rollcall_place
    set -l place
    set -l skip 0
    for word in (commandline -opc)[2..]
        if test $skip = 1
            set skip 0
            continue
        end
        switch $word
            case ${valued.join(' ')}
                set skip 1
            case '-*'
            case '*'
                set -l next (string trim -- "$place $word")
                contains -- $next ${paths.map(quoted).join(' ')}; and set place $next
        end
    end
    test "$place" = "$argv[1]"
end
complete -c rollcall -f
${places.flatMap(linesOf).join('\n')}
`;
}

function linesOf({ path, commands, flags, valued, takesArguments }: Place): readonly string[] {
  const here = `complete -c rollcall -n ${quoted(`__rollcall_place ${quoted(path)}`)}`;
  const choicesOf = (flag: string): string | undefined => {
    const option = valued.find(({ flags: its }) => its.includes(flag));
    if (option === undefined) return '';
    return option.choices.length === 0 ? ' -r -F' : ` -x -a ${quoted(option.choices.join(' '))}`;
  };
  return [
    ...commands.map(({ name, summary }) => `${here} -a ${name} -d ${quoted(summary)}`),
    ...(takesArguments ? [`${here} -F`] : []),
    ...flags.map((flag) => `${here} -l ${flag.slice(2)}${choicesOf(flag)}`),
  ];
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
