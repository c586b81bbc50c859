/** The command line that goes on from where a command ended. */
import { type Arguments, environmentBackend, givenOptions } from "./command.ts"

/** A word as a shell reads it. */
export const quote = (word: string): string =>
  /^[\w./=:@,+-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`

/** How the command was called: by itself, through npx, or by a script of the workspace. */
const program = (): string => {
  const { npm_lifecycle_event: event, npm_config_user_agent: agent = "" } = process.env
  if (event === "npx") return "npx relent"
  return (event === "relent" || event === "demo") && agent.startsWith("pnpm") ? "npx -y pnpm@12 relent" : "relent"
}

const written = (name: string, value: string) =>
  // A value that begins with a dash would be read as an option.
  value.startsWith("-") ? `--${name}=${quote(value)}` : `--${name} ${quote(value)}`

/** `$RELENT_BACKEND` is an option here: elsewhere it may be another, and then nothing that is there is the same. */
const backend = ({ options }: Arguments): ReadonlyArray<readonly [name: string, value?: string]> => {
  const name = environmentBackend()
  return options["backend"] === undefined && name !== undefined ? [["backend", name]] : []
}

/** The same command with its arguments, but for the options in `without`. */
export const resumeCommand = (name: string, given: Arguments, without: ReadonlyArray<string> = []): string => {
  const options = [...givenOptions(given), ...backend(given)]
    .filter(([option]) => !without.includes(option))
    .map(([option, value]) => (value === undefined ? `--${option}` : written(option, value)))
  const positionals = given.positionals.map((word) => (word.startsWith("-") ? `./${word}` : word))
  return [program(), name, ...positionals.map(quote), ...options].join(" ")
}
