/** The `relent` command. */
import { readFileSync } from "node:fs"
import { parseArgs } from "node:util"
import { type Command, exitCode } from "./command.ts"
import { commands } from "./commands.ts"
import { commandHelp, help } from "./help.ts"

const version = () =>
  (JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { version: string }).version

/** The command that these words begin with: the longest name wins. */
const find = (words: ReadonlyArray<string>): Command | undefined =>
  [2, 1].flatMap((n) => commands.filter((c) => c.name === words.slice(0, n).join(" ")))[0]

const mistake = async (message: string, command?: Command): Promise<number> => {
  console.error(`${message}\n`)
  console.error(command ? commandHelp(command) : `relent --help lists the commands`)
  return exitCode.user
}

const parse = (command: Command, words: ReadonlyArray<string>) => {
  const options = Object.entries(command.options).map(([name, { value, multiple = false }]) => [
    name,
    { type: value === undefined ? "boolean" : "string", multiple } as const,
  ])
  return parseArgs({
    args: [...words],
    options: { ...Object.fromEntries(options), help: { type: "boolean" } },
    allowPositionals: true,
  })
}

const dispatch = async (words: ReadonlyArray<string>): Promise<number> => {
  const [first] = words
  if (first === undefined || first === "--help" || first === "-h" || first === "help") {
    console.log(help())
    return first === undefined ? exitCode.user : exitCode.done
  }
  if (first === "--version" || first === "-v") {
    console.log(version())
    return exitCode.done
  }
  const command = find(words)
  if (command === undefined) {
    const { suggest } = await import("@relent/named")
    const known = [...new Set(commands.map((c) => c.name.split(" ")[0]!))]
    return mistake(`there is no command '${first}': ${suggest(first, known, "command")}`)
  }
  let parsed: ReturnType<typeof parse>
  try {
    parsed = parse(command, words.slice(command.name.split(" ").length))
  } catch (error) {
    return mistake((error as Error).message.split(". ")[0]!, command)
  }
  const values: Readonly<Record<string, unknown>> = parsed.values
  if (values["help"] === true) {
    console.log(commandHelp(command))
    return exitCode.done
  }
  const { positionals } = parsed
  const [least, most] = command.takes
  if (positionals.length < least || positionals.length > most)
    return mistake(`wants ${command.usage || "no argument"}, got ${positionals.length} arguments`, command)
  return command.run({ positionals, options: values as never })
}

/** Runs the command of these words and leaves its exit code with the process. */
export const main = async (words: ReadonlyArray<string>): Promise<void> => {
  // A reader that ends early (`| head`) is no failure.
  process.stdout.on("error", (error: NodeJS.ErrnoException) =>
    process.exit(error.code === "EPIPE" ? 0 : exitCode.defect),
  )
  try {
    process.exitCode = await dispatch(words)
  } catch (error) {
    console.error("This is a bug in relent:")
    console.error(error)
    process.exitCode = exitCode.defect
  }
}
