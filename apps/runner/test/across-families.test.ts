/** One pipeline across three families, as a document and in TypeScript: one plan, one set of keys, cached edge by edge. */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import type { RunEvent } from "@relent/runtime"
import { type CheckedPipeline, check, read, registry } from "@relent/stage"
import { Effect } from "effect"
import { beforeAll, describe, expect, it } from "vitest"
import { parse } from "yaml"
import { pipeline } from "../pipelines/across-families.ts"
import { builtIn } from "../src/plugins.ts"
import { inFolder, relent } from "./relent.ts"
import { small } from "./small-across-families.ts"

const document = join(import.meta.dirname, "../pipelines/across-families.yaml")
const module = join(import.meta.dirname, "small-across-families.ts")
const folder = inFolder()

/** What is planned: everything that a key may depend on and is known before a run. */
const planOf = ({ pipeline: { name, seed, outputs }, steps }: CheckedPipeline) => ({
  name,
  seed,
  outputs: Object.fromEntries(Object.entries(outputs).map(([output, { step, port }]) => [output, [step.id, port]])),
  steps: Object.fromEntries(
    steps.map(({ step: { id, stage, stream, inputs, at }, spelling }) => [
      id,
      {
        stage: stage.id,
        stream,
        at,
        spelling,
        inputs: Object.entries(inputs)
          .flatMap(([to, given]) => [given].flat().map(({ step, port }) => `${step.id}.${port} -> ${to}`))
          .toSorted(),
      },
    ]),
  ),
})

it("the document and the TypeScript give one plan", async () => {
  const [written, built] = await Effect.runPromise(
    Effect.all([read(readFileSync(document, "utf8"), { file: document }), check(pipeline)]).pipe(
      Effect.provide(registry([...builtIn.values()])),
    ),
  )
  expect(Object.keys(planOf(built).steps)).toHaveLength(15)
  expect(planOf(built)).toEqual(planOf(written))
})

/** The document on points of a mixture, with few steps: reading and projecting MNIST alone takes seconds. */
const smallDocument = () => {
  const { stages, outputs, ...rest } = parse(readFileSync(document, "utf8")) as Readonly<Record<string, any>>
  for (const step of ["mnist", "digits", "unseen", "images"]) delete stages[step]
  delete outputs.images
  const points = { stage: "datasets/gaussian-mixture", stream: "mixture" }
  stages.space = { ...points, with: { rows: 400, classes: 10, features: 24 } }
  stages.test = { ...points, with: { rows: 100, classes: 10, features: 24, draw: 1 } }
  const fewer = { teacher: 5, classifier: 5, denoiser: 5, generator: 1 }
  for (const [step, count] of Object.entries(fewer)) stages[step].with.steps = count
  stages.samples.with.rows = 100
  const text = JSON.stringify({ ...rest, stages, outputs })
  return text.replaceAll(".points", ".data")
}

describe("small enough for seconds", () => {
  /** What a run computed and what it took from the store, with keys. */
  const run = async (...words: ReadonlyArray<string>) => {
    const { code, out, error } = await relent("run", ...words, "--json")
    expect([code, error]).toEqual([0, expect.not.stringContaining("failed")])
    const events = out
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as RunEvent)
    const keys = (tag: "StepFinished" | "StepCached") =>
      Object.fromEntries(events.flatMap((e) => (e._tag === tag ? [[e.step, e.key] as const] : [])))
    return {
      computed: events.flatMap((e) => (e._tag === "StepFinished" ? [e.step] : [])),
      cached: events.flatMap((e) => (e._tag === "StepCached" ? [e.step] : [])),
      keys: { ...keys("StepFinished"), ...keys("StepCached") },
    }
  }
  const steps = small.steps.map(({ id }) => id).toSorted()

  let first: Awaited<ReturnType<typeof run>>
  beforeAll(async () => {
    folder.write("small.yaml", smallDocument())
    first = await run("small.yaml")
  }, 60_000)

  it("every stage is computed once", () => {
    expect(first.computed.toSorted()).toEqual(steps)
    expect(first.cached).toEqual([])
  })

  it("a second run takes everything from the store, and so does the TypeScript, by the same keys", async () => {
    for (const again of [await run("small.yaml"), await run(module)]) {
      expect(again.computed).toEqual([])
      expect(again.keys).toEqual(first.keys)
    }
  })

  it("another divergence of the generator computes what is behind it again, and no classifier", async () => {
    const changed = await run("small.yaml", "--set", "generator.divergence=kl")
    const behind = ["generator", "nearness", "quality", "samples"]
    expect(changed.computed.toSorted()).toEqual(behind)
    expect(changed.cached.toSorted()).toEqual(steps.filter((id) => !behind.includes(id)))
  })
})
