/** The `relent` command. */
import { readFileSync } from "node:fs"
import { parseArgs } from "node:util"
import { type Command, exitCode } from "./command.ts"
import { commands } from "./commands.ts"
import { isStopping } from "./stopping.ts"
import { commandHelp, groupHelp, help } from "./help.ts"

const version = () =>
  (JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { version: string }).version

/** The command that these words begin with: the longest name wins. */
const find = (words: ReadonlyArray<string>): Command | undefined =>
  [2, 1].flatMap((n) => commands.filter((c) => c.name === words.slice(0, n).join(" ")))[0]

const mistake = (message: string, command?: Command): number => {
  console.error(message)
  console.error(`  relent ${command ? `${command.name} --help tells its options` : "--help lists the commands"}`)
  return exitCode.user
}

const parse = (command: Command, words: ReadonlyArray<string>) => {
  const options = Object.entries(command.options).map(([name, { value, multiple = false }]) => [
    name,
    { type: value === undefined ? "boolean" : "string", multiple } as const,
  ])
  return parseArgs({
    args: [...words],
    options: { ...Object.fromEntries(options), help: { type: "boolean", short: "h" } },
    allowPositionals: true,
  })
}

const isHelp = (word: string | undefined) => word === "--help" || word === "-h"

/** What is wrong with the options, in one sentence. */
const optionMistake = async (error: unknown, command: Command): Promise<string> => {
  const { code, message } = error as { code?: string; message: string }
  const unknown = /'(--[^']+)'/.exec(message)?.[1]
  if (code !== "ERR_PARSE_ARGS_UNKNOWN_OPTION" || unknown === undefined)
    return message.includes("ambiguous") ? `${message.split("\n").at(-1)}` : message.split(". ")[0]!
  const { suggest } = await import("@relent/named")
  const known = [...Object.keys(command.options), "help"].map((name) => `--${name}`)
  return `${unknown}: ${suggest(unknown, known, "option")}`
}

/** A word that begins no command: a group of commands is listed, another word is looked for among the names. */
const unknownCommand = async (words: ReadonlyArray<string>): Promise<number> => {
  const [first = "", second] = words
  const group = commands.filter((c) => c.name.startsWith(`${first} `))
  if (group.length > 0 && (second === undefined || isHelp(second))) {
    console.log(groupHelp(first, group))
    return second === undefined ? exitCode.user : exitCode.done
  }
  const { suggest } = await import("@relent/named")
  const known = group.length > 0 ? group.map((c) => c.name) : [...new Set(commands.map((c) => c.name.split(" ")[0]!))]
  const name = group.length > 0 ? `${first} ${second}` : first
  return mistake(`there is no command '${name}': ${suggest(name, known, "command")}`)
}

const dispatch = async (words: ReadonlyArray<string>): Promise<number> => {
  const [first] = words
  if (first === undefined || isHelp(first) || (first === "help" && words.length === 1)) {
    console.log(help())
    return first === undefined ? exitCode.user : exitCode.done
  }
  if (first === "help") return dispatch([...words.slice(1), "--help"])
  if (first === "--version" || first === "-v") {
    console.log(version())
    return exitCode.done
  }
  const command = find(words)
  if (command === undefined) return unknownCommand(words)
  let parsed: ReturnType<typeof parse>
  try {
    parsed = parse(command, words.slice(command.name.split(" ").length))
  } catch (error) {
    return mistake(await optionMistake(error, command), command)
  }
  const values: Readonly<Record<string, unknown>> = parsed.values
  if (values["help"] === true) {
    console.log(commandHelp(command))
    return exitCode.done
  }
  const { positionals } = parsed
  const [least, most] = command.takes
  if (positionals.length < least || positionals.length > most)
    return mistake(
      `relent ${command.name} wants ${command.usage || "no argument"}, and got ${positionals.length} argument${positionals.length === 1 ? "" : "s"}`,
      command,
    )
  return command.run({ positionals, options: values as never })
}

/**
 * A reader that ends early (`| head`) is no failure. One that Ctrl-C has ended too (`| tee`) leaves the command to end as it should, and a
 * terminal that has gone (EIO) tells so by a signal, where it matters.
 */
const onBrokenPipe = ({ code }: NodeJS.ErrnoException) => {
  if (code === "EIO") return
  setImmediate(() => {
    if (!isStopping()) process.exit(code === "EPIPE" ? exitCode.done : exitCode.defect)
  })
}

/** Runs the command of these words and leaves its exit code with the process. */
export const main = async (words: ReadonlyArray<string>): Promise<void> => {
  for (const stream of [process.stdout, process.stderr])
    if (!stream.listeners("error").includes(onBrokenPipe)) stream.on("error", onBrokenPipe)
  try {
    process.exitCode = await dispatch(words)
  } catch (error) {
    console.error("\nThis is a defect, of relent or of a plugin in use, and not a mistake of yours:")
    console.error(error)
    process.exitCode = exitCode.defect
  }
}
