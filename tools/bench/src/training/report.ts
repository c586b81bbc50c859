/** The results as text. */
import { models, type ModelName } from "../models/index.ts"
import { baseline, type Summary } from "./results.ts"

/** What recorded TensorFlow must reach: the prototype's ratios to PyTorch, and 15 % for noise. */
const floors: { readonly [model in ModelName]?: number } = {
  mlp: 1.2 * 1.15,
  wide: 0.7 * 1.15,
  cnn: 0.65 * 1.15,
  gpt: 1.15 * 1.15,
}
const recorded = "relent tensorflow recorded"
const rivals = [baseline, "PyTorch cpu compiled"]

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

/** How recorded TensorFlow stands to the floor, and to the better of PyTorch eager and compiled. */
const standing = (summaries: ReadonlyArray<Summary>, columns: ReadonlyArray<ModelName>): ReadonlyArray<string> =>
  columns.flatMap((model) => {
    const of = (name: string) => summaries.find((summary) => summary.name === name && summary.model === model)
    const [ours, floor] = [of(recorded), floors[model]]
    const theirs = rivals.flatMap((name) => of(name)?.ms ?? [])
    if (ours?.ratio === undefined || theirs.length === 0) return []
    const against = ours.ms / Math.min(...theirs)
    const aim = `${short(against)} of the better of PyTorch eager and compiled: ${against < 1 ? "ahead" : "behind"}`
    const must =
      floor === undefined
        ? ""
        : `; ${short(ours.ratio[1])} of PyTorch eager, floor ${short(floor)}: ${ours.ratio[1] <= floor ? "holds" : "missed"}`
    return [`- ${model}, recorded on TensorFlow: ${aim}${must}`]
  })

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
