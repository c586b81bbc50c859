import { Effect } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import {
  collect,
  over,
  Pipeline,
  Plugin,
  PipelineInvalid,
  read,
  readDocument,
  registry,
  setAt,
  toDocument,
  toYaml,
} from "../src/index.ts"
import { blobs, plugin, scale } from "./family.ts"

const go = <A, E>(effect: Effect.Effect<A, E, any>) =>
  Effect.runPromise(Effect.provide(effect, registry([Plugin.entry(plugin)])) as Effect.Effect<A, E>)
const problems = (text: string, file?: string) =>
  go(
    read(text, file === undefined ? {} : { file }).pipe(
      Effect.flip,
      Effect.map((error) => error.message.split("\n")),
    ),
  )

const yaml = `name: toy
seed: 3
stages:
  data:  {stage: toy/blobs, with: {rows: 4}}
  score: {stage: toy/scale, in: {data: data.data}, with: {by: 2}}
  all:   {collect: score.score}
over:
  score.with.by: [1, 2]
  score.with.options.power: [1, 3]
  seed: [7, 8]
`

describe("a document", () => {
  it("becomes the steps of its sweep, each varying with what it depends on", async () => {
    const { pipeline } = await go(read(yaml))
    const ids = pipeline.steps.map((step) => step.id)
    expect(ids.filter((id) => id.startsWith("data"))).toEqual(["data@seed=7", "data@seed=8"])
    expect(ids.filter((id) => id.startsWith("score"))).toHaveLength(8)
    expect(ids.at(-1)).toBe("all")
    const one = pipeline.steps.find((step) => step.id === "score@by=2,power=3,seed=8")!
    expect(one.parameters).toEqual({ by: 2, options: { power: 3 } })
    expect(Object.values(one.inputs).flat()[0]!.step.id).toBe("data@seed=8")
    expect(one.stream).toBe("score")
  })

  it("may set a parameter of several steps along one axis", async () => {
    const tied = (axis: string) => `name: toy
seed: 3
stages:
  data: {stage: toy/blobs, with: {rows: 4}}
  score: {stage: toy/scale, in: {data: data.data}, with: {by: 2}}
  other: {stage: toy/scale, in: {data: data.data}, with: {by: 2}}
over:
  ${axis}: [1, 2]
`
    const { pipeline } = await go(read(tied("score.with.by, other.with.by")))
    const scales = pipeline.steps.filter(({ name }) => name !== "data").map(({ id, parameters }) => [id, parameters])
    expect(scales).toEqual(["score", "other"].flatMap((step) => [1, 2].map((by) => [`${step}@by=${by}`, { by }])))
    expect((await problems(tied("score.with.by, others.with.by")))[0]).toContain("did you mean 'other'?")
    expect((await problems(tied("score.with.by, other")))[0]).toContain("an axis is 'seed' or step.with.parameter")
  })

  it("and code turn into each other", async () => {
    const { data } = blobs.as("data", { stream: "shared" })({ rows: 4 })
    const sweep = over({ by: [1, 2], seed: [7, 8] }, ({ by }) =>
      scale.as("score")({ data }, { by, reward: "toy/square" }),
    )
    const table = collect(sweep, ({ score }) => score)
    const pipeline = Pipeline.make({ name: "toy", seed: 3, outputs: { table } })
    const back = await go(read(toYaml(pipeline)))
    expect(toDocument(back.pipeline)).toEqual(toDocument(pipeline))
    expect(back.pipeline.steps.map((s) => [s.id, s.name, s.stream, s.at])).toEqual(
      pipeline.steps.map((s) => [s.id, s.name, s.stream, s.at]),
    )
  })

  it("tells every problem with its line and column", async () => {
    const wrong = yaml
      .replace("toy/blobs, with: {rows: 4}", "toy/blobz")
      .replace("toy/scale, in: {data: data.data}", "toy/scale, in: {data: date.data}")
    expect(await problems(wrong, "toy.yaml")).toEqual([
      "toy.yaml:4:18 data.stage: 'toy/blobz' is unknown: did you mean 'toy/blobs'?",
      "toy.yaml:5:40 score.in.data: 'date.data': did you mean 'data'?",
    ])
    expect(await problems(yaml.replace("rows: 4", "rows: -4, roms: 1"))).toEqual([
      "4:42 data@seed=7.with.rows: Expected a value greater than 0",
      "4:52 data@seed=7.with.roms: no such parameter; did you mean 'rows'?",
    ])
    expect(await problems(yaml.replace("data.data", "data.dato"))).toEqual([
      "5:40 score.in.data: 'data.dato': did you mean 'data'?",
    ])
    expect((await problems(yaml.replace("seed: 3", "seed: 3.5\nsede: 1"))).join()).toMatch(
      /2:7 seed: .*integer.*3:7 sede/s,
    )
    expect(await problems(yaml.replace("score.with.by", "scores.with.by"))).toEqual([
      "8:19 scores.with.by: 'scores': did you mean 'score'?",
    ])
    expect(await problems(yaml.replace("seed: [7, 8]", "seed: [7, 7]"))).toEqual(["10:9 seed: a value is there twice"])
  })

  it("can't hold a cycle: a step reads from steps above it", async () => {
    const cycle = `name: c\nseed: 1\nstages:\n  a: {stage: toy/scale, in: {data: b.score}}\n  b: {stage: toy/scale, in: {data: a.score}}\n`
    expect((await problems(cycle))[0]).toBe(
      "4:36 a.in.data: 'b.score': 'b' stands below: a step reads from steps above it",
    )
  })

  it("that is hostile ends in a typed error with a position", async () => {
    const bomb = `name: &a x\nx0: &x0 [a,a,a,a,a,a,a,a,a]\n${Array.from({ length: 9 }, (_, i) => `x${i + 1}: &x${i + 1} [${Array.from({ length: 9 }, () => `*x${i}`).join(",")}]`).join("\n")}\n`
    expect((await problems(bomb))[0]).toMatch(/^1:1 yaml: can't be read as YAML/)
    expect((await problems(`a: ${"[".repeat(3000)}${"]".repeat(3000)}`))[0]).toMatch(/yaml/)
    expect((await problems("a: {b: 1"))[0]).toMatch(/^1:\d+ yaml:/)
    expect((await problems("name: x\nname: y\n"))[0]).toMatch(/^2:1 yaml: Map keys must be unique/)
    expect((await problems(""))[0]).toMatch(/^1:1/)
    expect((await problems("x".repeat(5_000_000)))[0]).toMatch(/characters/)
    expect((await problems(yaml.replace("{by: 2}", "{by: 2, __proto__: {x: 1}}"))).length).toBeGreaterThan(0)
  })

  it("has a name for each step, and no value that holds itself: what is read can be written", async () => {
    const named = (name: string) => `name: n\nseed: 1\nstages:\n  ${name}: {stage: toy/blobs}\n`
    expect(await problems(named('""'))).toEqual([
      "4:3 stages: every step has a name, with an '@' only before its point of a sweep",
    ])
    const { pipeline } = await go(read(named('"a\\nb"')))
    expect(toDocument((await go(read(toYaml(pipeline)))).pipeline)).toEqual(toDocument(pipeline))
    const endless = "name: n\nseed: 1\nstages:\n  a: {stage: toy/blobs, with: &w {rows: 1, more: [*w]}}\n"
    expect(await problems(endless)).toEqual(["4:51 yaml: a value holds itself"])
  })

  it("that is changed at random is read or refused, never a crash", async () => {
    const edits = fc.array(
      fc.tuple(
        fc.nat(yaml.length),
        fc.constantFrom("", "{", "[", ":", "&a ", "*a", "\n", "\t", "- ", "null", "\u0000", "!!js "),
      ),
      { minLength: 1, maxLength: 4 },
    )
    await fc.assert(
      fc.asyncProperty(edits, async (all) => {
        const text = all.reduce(
          (t, [at, insert]) => t.slice(0, at) + insert + t.slice(at + (insert === "" ? 5 : 0)),
          yaml,
        )
        const exit = await go(Effect.result(read(text)))
        const failure = exit._tag === "Failure" ? exit.failure : undefined
        expect(failure === undefined || failure instanceof PipelineInvalid).toBe(true)
        expect(failure?.problems.filter((problem) => problem.position === undefined) ?? []).toEqual([])
      }),
      { numRuns: 200 },
    )
  })

  it("keeps its shape when only its names are wanted", async () => {
    expect((await go(readDocument(yaml))).stages["data"]).toEqual({ stage: "toy/blobs", with: { rows: 4 } })
  })
})

describe("a parameter set deep inside", () => {
  it("goes on through a bare name, and not through a number", () => {
    expect(setAt({ loss: "kd" }, ["loss", "kd", "temperature"], 2)).toEqual({ loss: { kd: { temperature: 2 } } })
    expect(setAt({ a: { b: 1, c: 2 } }, ["a", "b"], 3)).toEqual({ a: { b: 3, c: 2 } })
    expect(setAt({ a: 1 }, ["a", "b"], 3)).toBeUndefined()
    expect(setAt({}, ["__proto__", "b"], 3)).toBeUndefined()
  })
})
