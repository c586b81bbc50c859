/** The results as text. */
import { models, type ModelName } from "../models/index.ts"
import { baseline, type Summary } from "./results.ts"

type Ratios = { readonly [model in ModelName]?: number }
interface Goal {
  readonly of: string
  readonly than: string
  /** At most so much of the other's time. */
  readonly floor: Ratios
  readonly aim: Ratios
}
const stock = "TensorFlow.js wasm eager"
/** How much faster than the library's own wasm the prototype was on one thread; what is here may be 15 % behind. */
const prototype = { mlp: 12, wide: 16, gpt: 17, sinkhorn: 9 }
const goals: ReadonlyArray<Goal> = [
  {
    of: "relent tensorflow recorded",
    than: baseline,
    // The prototype's, and 15 % for noise.
    floor: { mlp: 1.2 * 1.15, wide: 0.7 * 1.15, cnn: 0.65 * 1.15, gpt: 1.15 * 1.15 },
    aim: { mlp: 1, wide: 1, cnn: 1, gpt: 1, sinkhorn: 1 },
  },
  {
    of: "relent wasm recorded 1 thread",
    than: stock,
    floor: Object.fromEntries(Object.entries(prototype).map(([model, times]) => [model, 1 / (0.85 * times)])),
    aim: {},
  },
  {
    of: "relent wasm recorded",
    than: baseline,
    floor: { cnn: 3.2 },
    aim: { mlp: 1.6, wide: 1.8, cnn: 2.2, gpt: 2, sinkhorn: 0.6 },
  },
]

const row = (cells: ReadonlyArray<string>) => `| ${cells.join(" | ")} |`
const short = (value: number) => value.toPrecision(value < 1 ? 2 : 3)

/** A row a contender: milliseconds a step, and the ratio to the baseline. */
const table = (summaries: ReadonlyArray<Summary>, columns: ReadonlyArray<ModelName>): string => {
  const names = [...new Set(summaries.map(({ name }) => name))]
  const cell = (name: string, model: ModelName) => {
    const found = summaries.find((summary) => summary.name === name && summary.model === model)
    if (found === undefined) return "–"
    const ms = found.ms.toPrecision(3)
    return found.ratio === undefined || name === baseline ? ms : `${ms} (${short(found.ratio[1])})`
  }
  return [
    row(["ms a step (ratio to PyTorch eager)", ...columns]),
    row(["---", ...columns.map(() => "---")]),
    ...names.map((name) => row([name, ...columns.map((model) => cell(name, model))])),
  ].join("\n")
}

/** How those with a goal stand to it: by rounds to the baseline, else by medians. */
const standing = (summaries: ReadonlyArray<Summary>, columns: ReadonlyArray<ModelName>): ReadonlyArray<string> =>
  goals.flatMap(({ of, than, floor, aim }) =>
    columns.flatMap((model) => {
      const found = (name: string) => summaries.find((summary) => summary.name === name && summary.model === model)
      const [ours, theirs] = [found(of), found(than)]
      if (ours === undefined || theirs === undefined) return []
      const ratio = (than === baseline ? ours.ratio?.[1] : undefined) ?? ours.ms / theirs.ms
      const judged = (name: string, most: number | undefined) =>
        most === undefined ? [] : [`${name} ${short(most)}: ${ratio <= most ? "holds" : "missed"}`]
      const said = [...judged("floor", floor[model]), ...judged("aim", aim[model])]
      return said.length === 0 ? [] : [`- ${model}, ${of}: ${short(ratio)} of ${than}; ${said.join("; ")}`]
    }),
  )

export const report = (
  summaries: ReadonlyArray<Summary>,
  about: ReadonlyArray<string>,
  problems: ReadonlyArray<string>,
): string => {
  const columns = (Object.keys(models) as ReadonlyArray<ModelName>).filter((model) =>
    summaries.some((summary) => summary.model === model),
  )
  const legend = columns.map((model) => `- **${model}**: ${models[model].title}`)
  return [
    ...about.map((line) => `- ${line}`),
    "",
    ...legend,
    "",
    table(summaries, columns),
    "",
    ...standing(summaries, columns),
    ...problems.map((problem) => `- ${problem}`),
    "",
  ].join("\n")
}
