import { Effect, Schema } from "effect"
import { describe, expect, it } from "vitest"
import { check, Pipeline, Plugin, registry, Stage, within } from "../src/index.ts"
import { blobs, pair, plugin, scale, Score, take } from "./family.ts"

const go = <A, E>(effect: Effect.Effect<A, E, any>) =>
  Effect.runPromise(Effect.provide(effect, registry([Plugin.entry(plugin)])) as Effect.Effect<A, E>)
const pipeline = (outputs: Parameters<typeof Pipeline.make>[0]["outputs"]) =>
  Pipeline.make({ name: "t", seed: 1, outputs })
const problems = (outputs: Parameters<typeof Pipeline.make>[0]["outputs"]) =>
  go(
    check(pipeline(outputs)).pipe(
      Effect.flip,
      Effect.map((error) => error.message.split("\n")),
    ),
  )

describe("the check of a pipeline", () => {
  it("decodes parameters, writes their defaults out, and finds named values", async () => {
    const { data } = blobs()
    const { steps } = await go(check(pipeline(scale({ data }, { reward: "toy/square" }))))
    expect(steps.map((s) => s.spelling)).toEqual([
      { rows: 6, features: 2 },
      { by: 1, options: { power: 1 }, reward: "toy/square" },
    ])
    expect(steps[1]!.named.map((n) => n.name)).toEqual(["toy/square"])
  })

  it("binds dimensions across inputs before anything runs", async () => {
    const { score } = scale({ data: blobs().data })
    const [left, right] = [blobs.as("left")().data, blobs.as("right")({ features: 5 }).data]
    expect(await problems(pair({ left, right, all: [score] }))).toEqual([
      "pair.in.right: column 'x': dimension 'features' is 5, elsewhere 2",
    ])
  })

  it("keeps the schema of a generic stage's input", async () => {
    const { table } = take({ table: blobs({ features: 3 }).data }, { rows: 2 })
    const { steps } = await go(check(pipeline(scale({ data: table }))))
    expect(steps[1]!.outputs["table"]!.columns["x"]!.shape).toEqual([3])
  })

  it("tells what is missing, what is too much, and what is there twice", async () => {
    expect(await problems(scale({} as never))).toEqual(["scale.in.data: this input is missing"])
    const { data } = blobs()
    expect(await problems(scale({ data, date: data } as never))).toEqual([
      "scale.in.date: no such input; did you mean 'data'?",
    ])
    expect(await problems(pair({ left: data, right: data, all: scale({ data }).score } as never))).toEqual([
      "pair.in.all: wants a list of tables",
    ])
    const again = blobs({ rows: 3 }).data
    expect(await problems({ a: scale({ data }).score, b: scale.as("b")({ data: again }).score })).toEqual([
      `blobs: two steps have this name; give one another: blobs.as("...")`,
    ])
    const inside = within("other", () => blobs({ rows: 3 }).data)
    await go(check(pipeline({ a: scale({ data }).score, b: scale.as("b")({ data: inside }).score })))
  })

  it("tells what parameters don't keep together, where and how", async () => {
    const span = Stage.make("toy/span", {
      module: import.meta.url,
      title: "Between two numbers",
      parameters: Schema.Struct({ low: Schema.Finite, high: Schema.Finite }).check(
        Schema.makeFilter(({ low, high }) =>
          low <= high ? undefined : { path: ["low"], issue: "wants at most 'high'" },
        ),
      ),
      outputs: { score: Score },
      *run({ parameters: { low, high } }) {
        return { score: Score.make({ score: [high - low] }) }
      },
    })
    expect(Object.keys(span.definition.parameters)).toEqual(["low", "high"])
    expect(await problems(span({ low: 2, high: 1 }))).toEqual(["span.with.low: wants at most 'high'"])
    expect(await problems(span({ low: 1, hihg: 2 } as never))).toContain(
      "span.with.hihg: no such parameter; did you mean 'high'?",
    )
  })

  it("walks a chain of 5,000 steps", async () => {
    let { table } = take({ table: blobs().data }, { rows: 1 })
    for (let i = 0; i < 5000; i++) ({ table } = take.as(`t${i}`)({ table }, { rows: 1 }))
    expect(pipeline({ table }).steps).toHaveLength(5002)
  })
})
