/** What `relent new stage` writes: a plugin by path, and a document that uses it. */

/** The stage of a plugin. */
export const stageCode = (plugin: string): string => `/** How many rows each label has. */
import { Column, TableSchema } from "@relent/arrow"
import { Port, Stage, StageError } from "@relent/stage"
import { Effect, Schema } from "effect"

/** The table that it gives: every column has a type, which is checked. */
const Counts = TableSchema.make("${plugin}/counts", 1, {
  label: Column.int32,
  rows: Column.int32,
  share: Column.float64,
})

export const count = Stage.make("${plugin}/count", {
  module: import.meta.url,
  title: "How many rows each label has",
  parameters: {
    least: Schema.Int.check(Schema.isGreaterThan(0))
      .annotate({ description: "labels with fewer rows are left out" })
      .pipe(Schema.withDecodingDefaultKey(Effect.succeed(1))),
  },
  inputs: { data: Port.any({ label: Column.int32 }) },
  outputs: { counts: Counts },
  *run({ parameters: { least }, inputs: { data } }) {
    const byLabel = new Map<number, number>()
    for (const label of data.columns.label) byLabel.set(label, (byLabel.get(label) ?? 0) + 1)
    const rows = [...byLabel].filter(([, n]) => n >= least).toSorted(([a], [b]) => a - b)
    if (rows.length === 0)
      return yield* new StageError({ message: \`no label has \${least} rows\`, hint: "make 'least' smaller" })
    return { counts: Counts.fromRows(rows.map(([label, n]) => ({ label, rows: n, share: n / data.length }))) }
  },
})
`

/** A document that runs the stage. */
export const stageDocument = (name: string, module: string): string => `name: ${name}
seed: 1
plugins: ["@relent/datasets", ${module}]
stages:
  data: { stage: datasets/two-moons, with: { rows: 40 } }
  count: { stage: ${name}/count, in: { data: data.data }, with: { least: 5 } }
outputs: { counts: count.counts }
`

export const stageFiles = (name: string): Readonly<Record<string, string>> => ({
  [`${name}.ts`]: `${stageCode(name).replace("import { Port, Stage,", "import { Plugin, Port, Stage,")}
/** What a document names by \`plugins: [./${name}.ts]\`. */
export const plugin = Plugin.make("${name}", {
  title: "Stages of my own",
  module: import.meta.url,
  stages: { count: () => Promise.resolve(count) },
})
`,
  [`${name}.yaml`]: stageDocument(name, `./${name}.ts`),
})
