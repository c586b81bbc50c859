/** What `--help` prints. */
import type { Command } from "./command.ts"
import { commands } from "./commands.ts"

const columns = (rows: ReadonlyArray<readonly [string, string]>): string => {
  const width = Math.max(...rows.map(([left]) => left.length))
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`).join("\n")
}

export const help =
  (): string => `relent composes divergence-based machine-learning pipelines, and remembers every result.

Usage: relent COMMAND [OPTIONS]

Commands:
${columns(commands.map((c) => [`${c.name} ${c.usage}`.trim(), c.about]))}

  relent COMMAND --help   the options of a command
  relent --version

Exit codes: 0 done, 1 a mistake in what was given, 2 a stage failed, 3 a verdict changed, 130 interrupted, 70 a defect.
`

export const commandHelp = (command: Command): string => {
  const options = Object.entries(command.options).map(
    ([name, { value, about }]) => [`--${name}${value === undefined ? "" : ` ${value}`}`, about] as const,
  )
  const usage = `relent ${command.name} ${command.usage}`.trim()
  return `${command.about}\n\nUsage: ${usage}${options.length > 0 ? " [OPTIONS]\n\nOptions:\n" : "\n"}${options.length > 0 ? `${columns(options)}\n` : ""}`
}
