/**
 * A training step of five models: relent on each backend, eager and recorded, against PyTorch where Python is.
 *
 *     pnpm bench training [--rounds N] [--only WORD,...] [--note TEXT] [--out FOLDER]
 *
 * A word is a model, a library, a backend or a mode; the note is added to what is said of the run. Each contender is a process; they take turns, so that what else the machine does
 * meets all of them. Prints medians, and writes table, chart and text into the folder.
 */
import { mkdirSync, writeFileSync } from "node:fs"
import { availableParallelism, cpus, loadavg } from "node:os"
import { join } from "node:path"
import { parseArgs } from "node:util"
import { writeTable } from "@relent/arrow"
import { Effect } from "effect"
import { python } from "../../interop/src/environment.ts"
import { modelNames } from "./models/index.ts"
import { chart } from "./training/chart.ts"
import { type Contender, javascript, nameOf, pytorch } from "./training/contenders.ts"
import { talk } from "./training/process.ts"
import { report } from "./training/report.ts"
import { summarise, Times } from "./training/results.ts"
import { type Entrant, play } from "./training/rounds.ts"

const { values: options } = parseArgs({
  options: {
    rounds: { type: "string", default: "7" },
    only: { type: "string", default: "" },
    note: { type: "string" },
    out: { type: "string" },
  },
})
const words = options.only.split(",").filter((word) => word !== "")
const tell = (line: string) => console.error(line)

const chosenModels = modelNames.filter((model) => words.includes(model))
const models = chosenModels.length > 0 ? chosenModels : modelNames
const others = words.filter((word) => !(modelNames as ReadonlyArray<string>).includes(word))
const wanted = ({ library, backend, mode }: Contender) =>
  others.length === 0 || others.some((word) => [library.toLowerCase(), backend, mode].includes(word.toLowerCase()))

/** PyTorch, in an environment of its own; the rest runs without. */
const withPyTorch = (): ReadonlyArray<Contender> => {
  try {
    return pytorch(python(join(import.meta.dirname, "..")))
  } catch (error) {
    tell(`without PyTorch, so without ratios: ${error instanceof Error ? error.message : String(error)}`)
    return []
  }
}

const candidates = [...javascript, ...(others.length === 0 || others.includes("pytorch") ? withPyTorch() : [])]
  .filter(wanted)
  .toSorted((a, b) => Number(b.library === "PyTorch") - Number(a.library === "PyTorch"))
const problems: Array<string> = []
const entrants: Array<Entrant> = []
const load = loadavg()[0]!.toFixed(1)
for (const contender of candidates) {
  const started = await talk(contender.command, contender.threads)
  if ("error" in started.hello) problems.push(`${nameOf(contender)} isn't here: ${started.hello.error}`)
  else entrants.push({ contender, talk: started })
}
const played = await play(entrants, models, Number(options.rounds), tell)
for (const { talk } of entrants) talk.end()

const date = new Date().toISOString().slice(0, 10)
const about = [
  `${date}: ${cpus()[0]!.model}, ${availableParallelism()} cores, load ${load} at the start, Node ${process.versions.node}`,
  ...entrants.map(({ contender, talk: { hello } }) =>
    "error" in hello ? "" : `${nameOf(contender)}: ${hello.version}, on ${hello.device}`,
  ),
  `medians of ${options.rounds} rounds, in which the contenders took turns; ratios are medians of the ratios in a round`,
  ...(options.note === undefined ? [] : [options.note]),
]
const summaries = summarise(played.times)
const text = report(summaries, about, [...problems, ...played.problems])
console.log(text)
if (options.out !== undefined) {
  mkdirSync(options.out, { recursive: true })
  const table = Times.fromRows(played.times, { metadata: { about: about.join("\n") } })
  await Effect.runPromise(writeTable(join(options.out, "training.arrow"), table.arrow))
  writeFileSync(join(options.out, "training.svg"), await chart(summaries))
  const head = "# Training steps\n\nWritten by `pnpm bench training --out FOLDER`.\n\n![times a step](training.svg)"
  writeFileSync(join(options.out, "training.md"), `${head}\n\n${text}`)
}
