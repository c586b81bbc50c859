/** `nx g @relent/nx-plugin:stage PLUGIN NAME`: a stage that works, to be turned into the one that is wanted. */
import type { Tree } from "@nx/devkit"
import { edit, write } from "./files.ts"
import { type Names, namesOf } from "./names.ts"

const code = (plugin: string, { kebab, camel, pascal, title }: Names) => `/** ${title}. */
import { Column, TableSchema } from "@relent/arrow"
import { orElse, Positive } from "@relent/named"
import { Stage, StageError } from "@relent/stage"

/** A value a row. */
export const ${pascal}Values = TableSchema.make("${plugin}/${kebab}-values", 1, { id: Column.int32, value: Column.float64 })

/**
 * scale x value, row by row.
 *
 * @reference none: generated; name the key of its paper in references.bib
 */
export const ${camel} = Stage.make("${plugin}/${kebab}", {
  module: import.meta.url,
  title: "${title}",
  parameters: { scale: orElse(Positive.annotate({ description: "what each value is multiplied by" }), 1) },
  inputs: { values: ${pascal}Values },
  outputs: { values: ${pascal}Values },
  *run({ parameters: { scale }, inputs: { values } }) {
    if (values.length === 0)
      return yield* new StageError({ message: "the table has no rows", hint: "give at least one" })
    const { id, value } = values.columns
    return { values: ${pascal}Values.make({ id, value: value.map((v) => scale * v) }) }
  },
})
`

const test = (
  plugin: string,
  { kebab, camel, pascal }: Names,
) => `import { failureOf, runStage } from "@relent/stage/testing"
import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import { ${camel}, ${pascal}Values } from "../src/${kebab}.ts"

const inputs = (...value: ReadonlyArray<number>) => ({
  values: ${pascal}Values.make({ id: value.map((_, i) => i), value }),
})

describe("${plugin}/${kebab}", () => {
  it.each([
    [{}, [1, 2]],
    [{ scale: 3 }, [3, 6]],
  ])("multiplies, by 1 if nothing else is said: %j", async (parameters, wanted) => {
    const { outputs } = await Effect.runPromise(runStage(${camel}, { inputs: inputs(1, 2), parameters }))
    expect([...outputs["values"].columns.value]).toEqual(wanted)
  })
  it("refuses what it can't compute", async () => {
    const failure = (given: object) => Effect.runPromise(failureOf(${camel}, given))
    expect(await failure({ inputs: inputs() })).toContain("the table has no rows")
    expect(await failure({ inputs: inputs(1), parameters: { scale: 0 } })).toContain("greater than 0")
  })
})
`

export const stageGenerator = async (
  tree: Tree,
  options: { readonly plugin: string; readonly name: string },
): Promise<void> => {
  const { plugin } = options
  const names = namesOf(options.name)
  const root = `plugins/${plugin}`
  if (!tree.exists(`${root}/src/index.ts`))
    throw new Error(`there is no plugin '${plugin}'; there is ${tree.children("plugins").join(", ")}`)
  if (tree.exists(`${root}/src/${names.kebab}.ts`)) throw new Error(`${root}/src/${names.kebab}.ts is there already`)
  await write(tree, `${root}/src/${names.kebab}.ts`, code(plugin, names))
  await write(tree, `${root}/test/${names.kebab}.test.ts`, test(plugin, names))
  const line = `"${names.kebab}": () => import("./${names.kebab}.ts").then((m) => m.${names.camel}),`
  await edit(
    tree,
    `${root}/src/index.ts`,
    /(stages: \{)([^}]*?)(\s*\},)/,
    ([, open, before, close]) => `${open}${before}\n${line}${close}`,
  )
  const readme = (tree.read(`${root}/README.md`, "utf8") ?? `# @relent/${plugin}\n`).trimEnd()
  const lines = readme.split("\n")
  const last = lines.findLastIndex((text) => text.startsWith("- "))
  const item = `- \`${names.kebab}\`: ${names.title.toLowerCase()}.`
  const next = last < 0 ? [...lines, "", item] : lines.toSpliced(last + 1, 0, item)
  await write(tree, `${root}/README.md`, `${next.join("\n")}\n`)
}
