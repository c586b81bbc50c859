/** `relent completions`: commands and their options, for a shell. */
import { type Arguments, exitCode } from "./command.ts"
import { commands } from "./commands.ts"

const names = [...new Set(commands.map((c) => c.name.split(" ")[0]!))]
const optionsOf = (name: string) => [
  ...new Set(
    commands.filter((c) => c.name.split(" ")[0] === name).flatMap((c) => Object.keys(c.options).map((o) => `--${o}`)),
  ),
]

const bash = () => `_relent() {
  local word="\${COMP_WORDS[COMP_CWORD]}"
  if [ "$COMP_CWORD" -eq 1 ]; then COMPREPLY=($(compgen -W "${names.join(" ")}" -- "$word")); return; fi
  case "\${COMP_WORDS[1]}" in
${names.map((name) => `    ${name}) COMPREPLY=($(compgen -f -W "${optionsOf(name).join(" ")}" -- "$word"));;`).join("\n")}
  esac
}
complete -o filenames -F _relent relent`

const zsh = () => `autoload -U +X bashcompinit && bashcompinit\n${bash()}`

const fish = () =>
  [
    ...names.map((name) => `complete -c relent -n __fish_use_subcommand -a ${name}`),
    ...names.flatMap((name) =>
      optionsOf(name).map((o) => `complete -c relent -n '__fish_seen_subcommand_from ${name}' -l ${o.slice(2)}`),
    ),
  ].join("\n")

const shells: { readonly [shell: string]: () => string } = { bash, zsh, fish }

export const completionsCommand = async (given: Arguments): Promise<number> => {
  const shell = shells[given.positionals[0]!]
  if (shell === undefined) {
    console.error(`there are completions for ${Object.keys(shells).join(", ")}`)
    return exitCode.user
  }
  console.log(shell())
  return exitCode.done
}
