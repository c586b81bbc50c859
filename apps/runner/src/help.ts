/** What `--help` prints. */
import type { Command } from "./command.ts"
import { commands } from "./commands.ts"

const columns = (rows: ReadonlyArray<readonly [string, string]>): string => {
  const width = Math.max(...rows.map(([left]) => left.length))
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`).join("\n")
}

const listed = (some: ReadonlyArray<Command>) =>
  columns(some.map((c): readonly [string, string] => [`${c.name} ${c.usage}`.trim(), c.about]))

export const help =
  (): string => `relent composes divergence-based machine-learning pipelines, and remembers every result.

Usage: relent COMMAND [OPTIONS]

Commands:
${listed(commands)}

  relent COMMAND --help   the options of a command
  relent --version

Begin with:
  relent new pipeline first && relent run first.yaml

Exit codes:
  0    done
  1    a mistake in what was given: nothing was run
  2    a stage failed
  3    a verdict changed
  4    a result in the store differs from what computing again gives
  130  interrupted
  70   a defect of relent or of a plugin`

/** The commands that begin with one word: \`relent store\`. */
export const groupHelp = (word: string, some: ReadonlyArray<Command>): string =>
  `Usage: relent ${word} COMMAND\n\nCommands:\n${listed(some)}\n`

export const commandHelp = (command: Command): string => {
  const options = Object.entries(command.options).map(
    ([name, { value, about, multiple }]) =>
      [`--${name}${value === undefined ? "" : ` ${value}`}${multiple === true ? " ..." : ""}`, about] as const,
  )
  const usage = `relent ${command.name} ${command.usage}`.trim()
  const example = command.example === undefined ? "" : `\nExample:\n  ${command.example}\n`
  const tail = options.length > 0 ? ` [OPTIONS]\n\nOptions:\n${columns(options)}\n` : "\n"
  return `${command.about}\n\nUsage: ${usage}${tail}${example}`.trimEnd()
}
