/** A stage that declares what it needs of the backend. */
import { existsSync, mkdirSync, symlinkSync } from "node:fs"
import { join } from "node:path"
import { beforeAll, expect, it } from "vitest"
import { inFolder, relent } from "./relent.ts"

const folder = inFolder()
beforeAll(() => {
  mkdirSync("node_modules/@relent", { recursive: true })
  for (const name of ["arrow", "stage"])
    symlinkSync(join(import.meta.dirname, "../../../packages", name), folder.path(`node_modules/@relent/${name}`))
  folder.write(
    "spectrum.ts",
    `import { Column, TableSchema } from "@relent/arrow"
import { Plugin, Stage } from "@relent/stage"
const Values = TableSchema.make("spectrum/values", 1, { value: Column.int32 })
const make = (name, more) => Stage.make(name, {
  module: import.meta.url,
  title: "Values",
  outputs: { values: Values },
  *run() {
    return { values: Values.make({ value: [1] }) }
  },
  ...more,
})
export const plugin = Plugin.make("spectrum", {
  title: "Spectra",
  module: import.meta.url,
  stages: {
    values: () => Promise.resolve(make("spectrum/values", {})),
    transform: () => Promise.resolve(make("spectrum/transform", { uses: ["backend"], kernels: ["MatMul", "FFT"] })),
  },
})
`,
  )
  folder.write(
    "spectrum.yaml",
    `name: spectrum
seed: 1
plugins: ["./spectrum.ts"]
stages:
  values: { stage: spectrum/values }
  transform: { stage: spectrum/transform }
`,
  )
})

it("is refused before anything runs where the backend lacks it", async () => {
  for (const verb of ["plan", "run"]) {
    const { code, error } = await relent(verb, "spectrum.yaml", "--backend", "wasm")
    expect([verb, code, error]).toEqual([
      verb,
      2,
      expect.stringMatching(
        /spectrum\.yaml:6:14 transform \(spectrum\/transform\): the operation FFT has no kernel on backend 'wasm'\n {2}backend .*'cpu' has it/,
      ),
    ])
  }
  expect(existsSync(".relent/runs")).toBe(false)
  expect(await relent("run", "spectrum.yaml", "--backend", "cpu")).toMatchObject({ code: 0 })
})
