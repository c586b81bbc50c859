/** `relent completions`: commands and their options, for a shell. */
import { type Arguments, exitCode } from "./command.ts"
import { commands } from "./commands.ts"

const names = [...new Set(commands.map((c) => c.name.split(" ")[0]!))]
const of = (name: string) => commands.filter((c) => c.name.split(" ")[0] === name)
const optionsOf = (name: string) => [
  ...new Set([...of(name).flatMap((c) => Object.keys(c.options).map((o) => `--${o}`)), "--help"]),
]
/** Words that follow a command: the rest of its name, or one of those in its usage. */
const wordsOf = (name: string) =>
  of(name).flatMap((c) => [
    ...c.name.split(" ").slice(1),
    ...(/[a-z]+(?:\|[a-z]+)+/.exec(c.usage)?.[0].split("|") ?? []),
  ])

/** Words that follow a name of two words. */
const thirdWordsOf = (name: string) =>
  of(name).flatMap((c) => (c.name.includes(" ") && /^[a-z]+(\|[a-z]+)*$/.test(c.usage) ? c.usage.split("|") : []))

/** Options, second and third words; where there is none, the shell completes files. */
const thirds = (name: string) => {
  const words = [...new Set(thirdWordsOf(name))]
  return words.length > 0 ? ` 3-*) words="${words.join(" ")}";;` : ""
}

const bash = () => `_relent() {
  local word="\${COMP_WORDS[COMP_CWORD]}" words=""
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then words="${names.join(" ")} --help --version"
  else case "\${COMP_WORDS[1]}" in
${names.map((name) => `    ${name}) case "$COMP_CWORD-$word" in *--*) words="${optionsOf(name).join(" ")}";; 2-*) words="${wordsOf(name).join(" ")}";;${thirds(name)} esac;;`).join("\n")}
  esac; fi
  [ -n "$words" ] && COMPREPLY=($(compgen -W "$words" -- "$word"))
}
complete -o bashdefault -o default -F _relent relent`

const zsh = () => `autoload -U +X bashcompinit && bashcompinit\n${bash()}`

const fish = () =>
  [
    ...names.map((name) => `complete -c relent -n __fish_use_subcommand -a ${name}`),
    ...names.flatMap((name) =>
      [...new Set([...wordsOf(name), ...thirdWordsOf(name)])].map(
        (word) => `complete -c relent -n '__fish_seen_subcommand_from ${name}' -a ${word}`,
      ),
    ),
    ...names.flatMap((name) =>
      optionsOf(name).map((o) => `complete -c relent -n '__fish_seen_subcommand_from ${name}' -l ${o.slice(2)}`),
    ),
  ].join("\n")

const shells: { readonly [shell: string]: () => string } = { bash, zsh, fish }

export const completionsCommand = async (given: Arguments): Promise<number> => {
  const name = given.positionals[0]!
  const shell = Object.hasOwn(shells, name) ? shells[name] : undefined
  if (shell === undefined) {
    console.error(`there are completions for ${Object.keys(shells).join(", ")}, not for '${name}'`)
    return exitCode.user
  }
  console.log(shell())
  return exitCode.done
}
