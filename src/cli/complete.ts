/** What may come next on a command line that is being typed. */
import type { Argument, Command, Option } from 'commander';

/** `words`: what follows `posthorn`; the last one is being typed, and may be empty. */
export function completions(program: Command, words: readonly string[]): string[] {
  const typed = words.at(-1) ?? '';
  let command = program;
  let given = 0;
  let waiting: Option | null = null;
  for (const word of words.slice(0, -1)) {
    if (waiting) waiting = null;
    else if (word.startsWith('-')) waiting = takesValue(optionOf(command, program, word), word);
    else {
      const next = command.commands.find((one) => one.name() === word || one.aliases().includes(word));
      if (next) command = next;
      else given += 1;
    }
  }
  const all = waiting ? (waiting.argChoices ?? []) : candidates(command, program, given, typed);
  return all.filter((candidate) => candidate.startsWith(typed));
}

function candidates(command: Command, program: Command, given: number, typed: string): string[] {
  if (typed.startsWith('-'))
    return optionsOf(command, program).flatMap((option) => (option.long ? [option.long] : []));
  const names = command.commands.map((one) => one.name());
  if (names.length > 0) return names;
  const argument: Argument | undefined = command.registeredArguments[given];
  return argument?.argChoices ?? [];
}

function optionsOf(command: Command, program: Command): Option[] {
  const own = command === program ? [] : command.options;
  return [...own, ...program.options].filter((option) => !option.hidden);
}

const optionOf = (command: Command, program: Command, word: string): Option | undefined =>
  optionsOf(command, program).find(({ long, short }) => long === word || short === word);

/** The option whose value the next word is. */
function takesValue(option: Option | undefined, word: string): Option | null {
  return option && option.required && !word.includes('=') ? option : null;
}

/** For the shells that know it: each asks us at every Tab. Files are offered where we know nothing. */
export const COMPLETION_SCRIPTS: Record<string, string> = {
  bash: `_posthorn() {
  local IFS=$'\\n'
  COMPREPLY=($(posthorn __complete "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _posthorn posthorn
`,
  zsh: `#compdef posthorn
_posthorn() {
  local -a found
  found=("\${(@f)$(posthorn __complete "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ -n "$found" ]]; then compadd -- $found; else _files; fi
}
compdef _posthorn posthorn
`,
  fish: `function __posthorn_complete
  set -l words (commandline -opc) (commandline -ct)
  posthorn __complete $words[2..-1] 2>/dev/null
end
complete -c posthorn -a '(__posthorn_complete)'
`,
};
