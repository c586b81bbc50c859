/** What a key depends on: one thing is changed at a time, and the table says whether the step must miss or hit. */
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { Plugin, read, registry } from "@relent/stage"
import { Effect, Layer } from "effect"
import { afterEach, describe, expect, it, vi } from "vitest"
import { forecast, Resources, run, Store } from "../src/index.ts"
import { newFolder } from "./harness.ts"

const yaml = `name: mutation
seed: 1
stages:
  file:  {stage: mine/file, with: {path: data.bin}}
  noise: {stage: mine/noise, with: {rows: 4}}
  scale: {stage: mine/scale, in: {values: noise.values, more: [file.values]}, with: {by: 2, reward: mine/square}}
`
/** A project of its own: a plugin with an imported module, a dependency, and a document. */
const project = () => {
  const root = newFolder()
  const write = (path: string, text: string) => {
    mkdirSync(join(root, path, ".."), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  const edit = (path: string, from: string, to: string) => {
    const text = readFileSync(join(root, path), "utf8")
    expect(text).toContain(from)
    write(path, text.replace(from, to))
  }
  write("package.json", '{"name": "mine", "version": "1.0.0", "type": "module"}')
  write(
    "node_modules/dep/package.json",
    '{"name": "dep", "version": "1.0.0", "type": "module", "exports": "./index.js"}',
  )
  write("node_modules/dep/index.js", "export const one = 1\n")
  mkdirSync(join(root, "node_modules/@relent"))
  for (const name of ["arrow", "named", "stage", "random"])
    symlinkSync(join(import.meta.dirname, "../../", name), join(root, "node_modules/@relent", name))
  symlinkSync(join(import.meta.dirname, "../node_modules/effect"), join(root, "node_modules/effect"))
  const toys = readFileSync(join(import.meta.dirname, "family.ts"), "utf8")
  const stages = toys
    .slice(0, toys.indexOf("const lazy ="))
    .replaceAll("toy/", "mine/")
    .replace(/export const Reward[\s\S]*?x \* x\)\n/, 'import { Reward } from "./square.ts"\n')
  write("family.ts", `import "dep"\nimport "./helper.ts"\n${stages}`)
  write(
    "index.ts",
    `import { Plugin } from "@relent/stage"
const stage = (name: "noise" | "scale" | "file") => () => import("./family.ts").then((m) => m[name])
export const plugin = Plugin.make("mine", {
  title: "Toys",
  module: import.meta.url,
  stages: { noise: stage("noise"), scale: stage("scale"), file: stage("file") },
  values: () => import("./square.ts").then((m) => [m.square]),
})
`,
  )
  write("helper.ts", "export const helper = 1\n")
  write(
    "square.ts",
    'import { Named } from "@relent/named"\nexport const Reward = Named.kind<(x: number) => number>("reward")\nexport const square = Reward.define(import.meta.url, "mine/square", 1, (x) => x * x)\n',
  )
  write("pipeline.yaml", yaml)
  write("data.bin", "abc")
  return { root, write, edit }
}

/** Which steps hit, in a process that has just loaded the project's code. */
let loads = 0
const hits = async (root: string, store: string) => {
  // A fresh copy has fresh modules, as a new process would.
  const copy = join(newFolder(), `copy-${loads++}`)
  cpSync(root, copy, { recursive: true, verbatimSymlinks: true })
  const { plugin } = (await import(pathToFileURL(join(copy, "index.ts")).href)) as { plugin: Plugin }
  const file = join(copy, "pipeline.yaml")
  const layer = Layer.mergeAll(Store.layer(store), Layer.succeed(Resources, {}), registry([Plugin.entry(plugin)]))
  const program = Effect.gen(function* () {
    const checked = yield* read(readFileSync(file, "utf8"), { file })
    const found = yield* forecast(checked)
    yield* run(checked)
    return Object.fromEntries(found.map((f) => [f.step, f.hit ? "hit" : f.because.join(", ")]))
  })
  return Effect.runPromise(Effect.provide(program, layer))
}

type Project = ReturnType<typeof project>
const all = { file: "hit", noise: "hit", scale: "hit" }
const table: ReadonlyArray<readonly [string, (p: Project) => void, Readonly<Record<string, string>>]> = [
  ["nothing", () => {}, all],
  [
    "the seed",
    (p) => p.edit("pipeline.yaml", "seed: 1", "seed: 2"),
    { ...all, noise: "seed: 1 -> 2", scale: "noise runs before it" },
  ],
  ["a parameter", (p) => p.edit("pipeline.yaml", "by: 2", "by: 3"), { ...all, scale: "parameter by: 2 -> 3" }],
  ["a default, written out", (p) => p.edit("pipeline.yaml", "rows: 4", "rows: 4"), all],
  [
    "a default in the code",
    (p) => p.edit("family.ts", "Effect.succeed(8)", "Effect.succeed(9)"),
    { file: "code changed", noise: "code changed", scale: "noise runs before it, file runs before it" },
  ],
  [
    "an imported module",
    (p) => p.edit("helper.ts", "1", "2"),
    { file: "code changed", noise: "code changed", scale: "noise runs before it, file runs before it" },
  ],
  [
    "a comment in it",
    (p) => p.edit("helper.ts", "export", "// a comment\nexport"),
    { file: "code changed", noise: "code changed", scale: "noise runs before it, file runs before it" },
  ],
  [
    "a dependency's version",
    (p) => p.edit("node_modules/dep/package.json", "1.0.0", "1.0.1"),
    { file: "code changed", noise: "code changed", scale: "noise runs before it, file runs before it" },
  ],
  [
    "the input file",
    (p) => p.write("data.bin", "abd"),
    { ...all, file: "file file changed", scale: "file runs before it" },
  ],
  ["a module beside it", (p) => p.write("sibling.ts", "export const s = 1\n"), all],
  [
    "the plugin's index: a stage is added",
    (p) => {
      p.write("twin.ts", 'export { noise as twin } from "./family.ts"\n')
      p.edit("index.ts", "stages: {", 'stages: { twin: () => import("./twin.ts").then((m) => m.twin),')
    },
    all,
  ],
  [
    "the dependency's code, its version being the same: versions are believed",
    (p) => p.write("node_modules/dep/index.js", "export const one = 2\n"),
    all,
  ],
  ["another file in the folder", (p) => p.write("other.bin", "abc"), all],
  [
    "the name of a step",
    (p) => {
      p.edit("pipeline.yaml", "  noise:", "  sound:")
      p.edit("pipeline.yaml", "noise.values", "sound.values")
    },
    { file: "hit", sound: "it never ran", scale: "sound runs before it" },
  ],
  [
    "the order of parameters",
    (p) => p.edit("pipeline.yaml", "{by: 2, reward: mine/square}", "{reward: mine/square, by: 2}"),
    all,
  ],
  [
    "the order of the document",
    (p) => p.edit("pipeline.yaml", "name: mutation\nseed: 1", "seed: 1\nname: mutation"),
    all,
  ],
]

describe("a key", () => {
  const { TZ, LANG } = process.env
  afterEach(() => {
    vi.restoreAllMocks()
    Object.assign(process.env, { TZ, LANG })
  })

  it.each(table)("and a change of %s", async (_, change, expected) => {
    const p = project()
    const store = newFolder()
    await hits(p.root, store)
    change(p)
    expect(await hits(p.root, store)).toEqual(expected)
    const again = await hits(p.root, store)
    expect(again).toEqual(Object.fromEntries(Object.keys(expected).map((step) => [step, "hit"])))
  })

  it("and a change of a named value: it misses where it is named, and only there", async () => {
    const p = project()
    // The family itself reads the registry from the same module, so the value gets a module of its own here.
    p.write(
      "cube.ts",
      'import { Reward } from "./square.ts"\nexport const cube = Reward.define(import.meta.url, "mine/cube", 1, (x) => x ** 3)\n',
    )
    p.edit(
      "index.ts",
      '() => import("./square.ts").then((m) => [m.square])',
      '() => import("./cube.ts").then((m) => [m.cube])',
    )
    p.edit("pipeline.yaml", "mine/square", "mine/cube")
    const store = newFolder()
    await hits(p.root, store)
    p.edit("cube.ts", "x ** 3", "x ** 5")
    expect(await hits(p.root, store)).toEqual({ ...all, scale: "code of reward mine/cube changed" })
  })

  it("and the place and time of day: neither is part of it, nor is the working folder", async () => {
    const p = project()
    const store = newFolder()
    await hits(p.root, store)
    vi.stubEnv("TZ", "Asia/Kathmandu")
    vi.stubEnv("LANG", "tr_TR.UTF-8")
    vi.spyOn(process, "cwd").mockReturnValue(newFolder())
    expect(await hits(p.root, store)).toEqual(all)
    vi.unstubAllEnvs()
    vi.restoreAllMocks()
  })
})
