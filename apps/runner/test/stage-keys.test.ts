/**
 * What the key of every stage of every plugin depends on: one thing is changed at a time, and nothing is computed. Parameters are found by
 * their schemas, so a stage is here by being in its plugin.
 */
import fs, { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs"
import { findPackageJSON, syncBuiltinESMExports } from "node:module"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { sha256 } from "@relent/arrow"
import { CodeReader, float64Numerics, keyOf } from "@relent/runtime"
import { type AnyStage, registry, type SourceLocation, type StepDocument } from "@relent/stage"
import { Effect } from "effect"
import { afterAll, beforeAll, expect, it } from "vitest"
import { builtIn } from "../src/plugins.ts"
import { everyChoice, everyStage } from "./every-stage.ts"
import { explore, type Explored, type Parameters } from "./explored.ts"
import { allInputs, inputsOf, type Keyed, keyed } from "./keyed.ts"
import { nameOf } from "./mutants.ts"

const verify = process.env["RELENT_VERIFY"] === "1"
const folder = mkdtempSync(join(tmpdir(), "relent keys "))
const file = join(folder, "keys.yaml")
afterAll(() => rmSync(folder, { recursive: true }))

interface Found extends Explored {
  readonly stage: AnyStage
  readonly steps: ReadonlyMap<string, Keyed>
  readonly base: Keyed
  /** The step with these parameters. */
  readonly with: (parameters: Parameters) => Keyed
}

/** The same, its names in the other order, at any depth. */
const reversed = (value: unknown): unknown => {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value
  const entries = Object.entries(value).map(([name, one]) => [name, reversed(one)] as const)
  return Object.fromEntries(entries.toReversed())
}

/** Another table at one input; where there are several, also fewer, and in another order; where there may be none, none. */
const otherInputs = (stage: AnyStage): ReadonlyArray<readonly [string, Partial<StepDocument>]> =>
  inputsOf(stage).flatMap(([name, port]) => {
    const kind = "port" in port ? port.port : "one"
    const [first, second] = [`${name}-1.table`, `${name}-2.table`]
    const { [name]: _, ...others } = allInputs(stage)
    const given =
      kind === "many"
        ? [[second, first], [first, first], [first]]
        : kind === "optional"
          ? [second, undefined]
          : [second]
    return given.map((one) => [
      `${name} is ${String(one)}`,
      { in: { ...others, ...(one !== undefined && { [name]: one }) } },
    ])
  })

/** Writes the user's files that a stage reads. */
const writeSources = ({ definition: { sources } }: AnyStage, parameters: Parameters) => {
  for (const one of Object.values(sources?.(parameters) ?? {}))
    if ("path" in one) writeFileSync(join(folder, one.path), "bytes")
}

const find = async (stage: AnyStage): Promise<Found> => {
  const explored = await Effect.runPromise(Effect.provide(explore(stage), registry([...builtIn.values()])))
  const [least] = explored.same[0]!
  const each = [...explored.same.flat(), ...explored.pairs.flatMap(({ from, to }) => [from, to])]
  const distinct = [...new Map(each.map((one) => [JSON.stringify(one), one])).values()]
  const longest = distinct.toSorted((a, b) => JSON.stringify(a).length - JSON.stringify(b).length).at(-1)!
  for (const one of distinct) writeSources(stage, one)
  const changed: Record<string, Partial<StepDocument>> = {
    "in order": { with: longest },
    reversed: { with: reversed(longest) as Parameters },
    stream: { stream: "another" },
    seed: { at: { seed: 2 } },
    ...Object.fromEntries(otherInputs(stage)),
  }
  const written = [
    ["base", {}],
    ...Object.entries(changed),
    ...distinct.map((one) => [JSON.stringify(one), { with: one }]).filter(([name]) => name !== JSON.stringify(least)),
  ] as ReadonlyArray<readonly [string, Partial<StepDocument>]>
  const steps = await keyed(
    stage,
    written.map(([, step]) => ({ with: least, ...step })),
    { file },
  )
  const byName = new Map(written.map(([name], i) => [name, steps[i]!]))
  return {
    ...explored,
    stage,
    steps: byName,
    base: byName.get("base")!,
    with: (parameters) => byName.get(JSON.stringify(parameters)) ?? byName.get("base")!,
  }
}

/** Thousands of files take a second or two for each step. */
const isLarge = ({ definition: { sources, parameters } }: AnyStage) =>
  Object.keys(parameters).length === 0 && Object.keys(sources?.({}) ?? {}).length > 1000

let all: ReadonlyArray<Found> = []
beforeAll(async () => {
  const found: Array<Found> = []
  for (const stage of everyStage) if (verify || !isLarge(stage)) found.push(await find(stage))
  all = found
}, 120_000)

/** What is wrong, stage by stage. */
const wrong = (of: (found: Found) => ReadonlyArray<unknown>) =>
  all.flatMap((found) => of(found).map((what) => [found.stage.id, what]))
const uses = ({ stage }: Found, what: "random" | "backend") => stage.definition.uses?.includes(what) === true

it("every parameter of every stage is in its key, those of values chosen by name too", ({ task }) => {
  expect(wrong(({ missed }) => missed)).toEqual([])
  expect(wrong((found) => found.pairs.filter(({ from, to }) => found.with(from).key === found.with(to).key))).toEqual(
    [],
  )
  const changes = all.reduce((sum, { pairs }) => sum + pairs.length, 0)
  expect(changes).toBeGreaterThan(1000)
  Object.assign(task.meta, { figures: `${changes} changes of the parameters of ${all.length} stages` })
})

it("a default that is written out, or another order, is in no key", () => {
  expect(wrong((found) => found.same.filter(([a, b]) => found.with(a).key !== found.with(b).key))).toEqual([])
  const unordered = ({ steps }: Found) => steps.get("in order")!.key !== steps.get("reversed")!.key
  expect(all.filter(unordered).map(({ stage }) => stage.id)).toEqual([])
})

it("every input table of every stage is in its key, by its port and its place", () => {
  const same = ({ steps, base, stage }: Found) =>
    otherInputs(stage).filter(([name]) => steps.get(name)!.key === base.key)
  expect(wrong(same)).toEqual([])
})

it("seed and stream are in the keys of stages that draw, the backend's numerics in those that use it, and in no other", async () => {
  for (const found of all) {
    const { stage, steps, base } = found
    const again = async (setting: object) =>
      (await keyed(stage, [{ with: found.same[0]![0] }], { file, ...setting }))[0]!
    const isOther = ({ key }: Keyed) => key !== base.key
    const [random, backend] = [uses(found, "random"), uses(found, "backend")]
    expect([stage.id, base.parts.draws]).toEqual([stage.id, random ? { seed: 1, stream: "draws" } : undefined])
    expect([stage.id, base.parts.numerics]).toEqual([stage.id, backend ? "bits" : float64Numerics])
    const seen = {
      stream: isOther(steps.get("stream")!),
      seedOfSweep: isOther(steps.get("seed")!),
      seed: isOther(await again({ seed: 2 })),
      numerics: isOther(await again({ numerics: "other bits" })),
    }
    expect([stage.id, seen]).toEqual([
      stage.id,
      { stream: random, seedOfSweep: random, seed: random, numerics: backend },
    ])
  }
})

it("every declared file is in the key, with the digest of its bytes", async () => {
  const reading = all.filter(({ stage }) => stage.definition.sources !== undefined)
  expect(reading.length).toBeGreaterThan(5)
  for (const { stage, base, same } of reading) {
    const [least] = same[0]!
    const locations = Object.entries(stage.definition.sources!(least))
    const pathOf = (one: SourceLocation) =>
      "path" in one
        ? join(folder, one.path)
        : join(dirname(findPackageJSON(one.package, stage.definition.module)!), one.file)
    const digests = locations.map(([name, one]) => [name, sha256(readFileSync(pathOf(one)))] as const)
    expect([stage.id, base.parts.sources]).toEqual([stage.id, Object.fromEntries(digests)])
    for (const [, location] of locations) {
      if (!("path" in location)) continue
      writeFileSync(pathOf(location), "other bytes")
      const [changed] = await keyed(stage, [{ with: least }], { file })
      expect(changed!.key).not.toBe(base.key)
      writeFileSync(pathOf(location), "bytes")
    }
  }
})

it("the code of every stage is in its key, and that of the values that it is given by name", () => {
  const reader = new CodeReader()
  const digestOf = (module: string) => Effect.runSync(reader.digest(module)).digest
  /** That a module is what defines a name: the text stands in it. */
  const defines = (module: string, name: string) => readFileSync(fileURLToPath(module), "utf8").includes(`"${name}"`)
  const ofStage = ({ stage: { id, definition }, base }: Found) => [
    ...(defines(definition.module, id) ? [] : [`${definition.module} isn't its module`]),
    ...(base.parts.code === digestOf(definition.module) ? [] : ["code"]),
    ...(base.key === keyOf(base.parts) ? [] : ["key"]),
  ]
  expect(wrong(ofStage)).toEqual([])
  const modules = new Map(everyChoice.map(({ kind, spelling, module }) => [`${kind} ${nameOf(spelling)}`, module]))
  const ofChosen = ({ pairs, with: step }: Found) =>
    pairs.flatMap(({ path, to, chosen }) => {
      const named = Object.entries(step(to).parts.named)
      const isRight = named.every(([one, digest]) => {
        const module = modules.get(one)!
        return digest === digestOf(module) && defines(module, one.split(" ")[1]!)
      })
      const isThere = chosen === undefined || named.some(([one]) => one.endsWith(` ${chosen}`))
      return isRight && isThere ? [] : [[path, chosen]]
    })
  expect(wrong(ofChosen)).toEqual([])
})

/** The code digest of every stage, and of every value chosen by name, by module, as a new process would have it. */
const digests = () => {
  const reader = new CodeReader()
  const modules = [...everyStage.map(({ definition }) => definition.module), ...everyChoice.map(({ module }) => module)]
  return new Map(modules.map((module) => [module, Effect.runSync(reader.digest(module))]))
}

/** As if a line were added to a file. */
const withChanged = <A>(path: string, body: () => A): A => {
  const stock = fs.readFileSync
  const changed = (file: unknown, ...more: ReadonlyArray<any>) => {
    const bytes = stock(file as string, ...more)
    return file === path ? Buffer.concat([bytes, Buffer.from("\n// changed\n")]) : bytes
  }
  Object.assign(fs, { readFileSync: changed })
  syncBuiltinESMExports()
  try {
    return body()
  } finally {
    Object.assign(fs, { readFileSync: stock })
    syncBuiltinESMExports()
  }
}

it(
  "a changed module changes the digests of what imports it, however far, and no other",
  { timeout: 600_000 },
  ({ task }) => {
    const before = digests()
    const modules = [...before.keys()]
    const some = verify ? modules : [everyChoice[0]!.module]
    let users = 0
    for (const module of some) {
      const after = withChanged(realpathSync(fileURLToPath(module)), digests)
      const [own, others] = [before.get(module)!.files, after.get(module)!.files]
      const [name = "", ...more] = Object.keys(own).filter((one) => own[one] !== others[one])
      expect([module, name !== "", more]).toEqual([module, true, []])
      const isChanged = modules.map((one) => before.get(one)!.digest !== after.get(one)!.digest)
      expect([module, isChanged]).toEqual([module, modules.map((one) => name in before.get(one)!.files)])
      users += isChanged.filter(Boolean).length
    }
    expect(users).toBeGreaterThan(some.length) // by imports of imports
    Object.assign(task.meta, { figures: `${some.length} modules, ${users} digests changed` })
  },
)
