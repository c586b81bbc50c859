/** What a change of a divergence evicts: the steps that name it, one's own and one of the algebra alike. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { forecast, Resources, run, Store } from "@relent/runtime"
import { Plugin, read, registry } from "@relent/stage"
import { Effect, Layer } from "effect"
import { afterAll, beforeAll, expect, it } from "vitest"

const workspace = join(import.meta.dirname, "../../..")
const yaml = `name: divergences
seed: 1
stages:
  own: {stage: mine/distance, with: {divergence: mine/tempered}}
  kl: {stage: mine/distance, with: {divergence: kl}}
  none: {stage: mine/nothing}
`
let folder: string
const write = (path: string, text: string) => writeFileSync(join(folder, path), text)
const edit = (path: string, from: string, to: string) => {
  const text = readFileSync(join(folder, path), "utf8")
  expect(text).toContain(from)
  write(path, text.replace(from, to))
}

/** A project with a copy of the algebra, so that it can be edited. */
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "relent key "))
  for (const path of ["src", "package.json"])
    cpSync(join(workspace, "packages/divergence", path), join(folder, "divergence", path), { recursive: true })
  for (const modules of ["node_modules", "divergence/node_modules"]) {
    mkdirSync(join(folder, modules, "@relent"), { recursive: true })
    for (const name of ["arrow", "named", "stage", "tensor"])
      symlinkSync(join(workspace, "packages", name), join(folder, modules, "@relent", name))
    for (const name of ["effect", "ml-matrix"])
      symlinkSync(join(workspace, "packages/divergence/node_modules", name), join(folder, modules, name))
  }
  symlinkSync("../../divergence", join(folder, "node_modules/@relent/divergence"))
  write("package.json", '{"name": "mine", "version": "1.0.0", "type": "module"}')
  write("pipeline.yaml", yaml)
  write(
    "distance.ts",
    `import { Column, TableSchema } from "@relent/arrow"
import { Divergence } from "@relent/divergence"
import { Stage } from "@relent/stage"
const Value = TableSchema.make("mine/value", 1, { d: Column.float64 })
export const distance = Stage.make("mine/distance", {
  module: import.meta.url,
  title: "D of two distributions",
  parameters: { divergence: Divergence.parameter },
  outputs: { value: Value },
  *run({ parameters: { divergence } }) {
    return { value: Value.make({ d: [divergence.between([0.7, 0.3], [0.4, 0.6])] }) }
  },
})
`,
  )
  write(
    "nothing.ts",
    `import { Column, TableSchema } from "@relent/arrow"
import { Stage } from "@relent/stage"
const Value = TableSchema.make("mine/value", 1, { d: Column.float64 })
export const nothing = Stage.make("mine/nothing", {
  module: import.meta.url,
  title: "Zero",
  outputs: { value: Value },
  *run() {
    return { value: Value.make({ d: [0] }) }
  },
})
`,
  )
  write(
    "tempered.ts",
    `import { Divergence } from "@relent/divergence"
export const tempered = Divergence.define(import.meta.url, "mine/tempered", 1, {
  f: (u, { sub, pow }) => pow(sub(u, 1), 2),
})
`,
  )
  write(
    "index.ts",
    `import { Plugin } from "@relent/stage"
export const plugin = Plugin.make("mine", {
  title: "Mine",
  module: import.meta.url,
  stages: {
    distance: () => import("./distance.ts").then((m) => m.distance),
    nothing: () => import("./nothing.ts").then((m) => m.nothing),
  },
  values: () => import("./tempered.ts").then((m) => [m.tempered]),
})
`,
  )
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Why each step misses, by the code as it now is; then all are in the store. */
let runs = 0
const misses = async () => {
  const copy = join(folder, `run-${runs++}`) // fresh modules, as in a new process
  for (const path of ["package.json", "pipeline.yaml", "distance.ts", "nothing.ts", "tempered.ts", "index.ts"])
    cpSync(join(folder, path), join(copy, path))
  for (const path of ["divergence", "node_modules"])
    cpSync(join(folder, path), join(copy, path), { recursive: true, verbatimSymlinks: true })
  const { plugin } = (await import(pathToFileURL(join(copy, "index.ts")).href)) as { plugin: Plugin }
  const program = Effect.gen(function* () {
    const checked = yield* read(yaml, { file: join(copy, "pipeline.yaml") })
    const found = yield* forecast(checked)
    yield* run(checked)
    return Object.fromEntries(found.map((f) => [f.step, f.because.join(", ")]))
  })
  const store = Store.layer(join(folder, "store"))
  const layer = Layer.mergeAll(store, Layer.succeed(Resources, {}), registry([Plugin.entry(plugin)]))
  return Effect.runPromise(Effect.provide(program, layer))
}

it("a divergence that a parameter names is part of the key, and a stage without one doesn't know of it", async () => {
  const first = "it never ran"
  const hit = { own: "", kl: "", none: "" }
  expect(await misses()).toEqual({ own: first, kl: first, none: first })
  expect(await misses()).toEqual(hit)
  edit("tempered.ts", "pow(sub(u, 1), 2)", "pow(sub(u, 1), 4)")
  expect(await misses()).toEqual({ ...hit, own: "code of divergence mine/tempered changed" })
  edit("divergence/src/f/kl.ts", "export", "// a comment\nexport")
  const { own, kl, none } = await misses()
  expect(none).toBe("")
  expect(own).toContain("code changed") // the stage imports the algebra
  expect(kl).toContain("code of divergence kl changed")
  expect(await misses()).toEqual(hit)
}, 30_000)
