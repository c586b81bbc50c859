/** Series as trajectories. */
import { build, Column, type Columns, view } from "@relent/arrow"
import { describe, expect, it } from "vitest"
import { delayEmbedding } from "../src/delay-embedding.ts"
import { evaluateKoopman } from "../src/evaluate-koopman.ts"
import { ridgeEdmd } from "../src/ridge-edmd.ts"
import { failure, run } from "./run.ts"

type Data = Parameters<typeof build>[2]
const ids = (n: number) => Int32Array.from({ length: n }, (_, i) => i)
const tableOf = (columns: Columns, data: Data) =>
  view(build("mine/series", { id: Column.int32, ...columns }, { id: ids(10), ...data }))
/** `a` counts the times, `b` is ten times as much below 0. */
const counted = (n: number) =>
  tableOf(
    { a: Column.int32, b: Column.float64, note: Column.utf8 },
    {
      id: ids(n),
      a: ids(n),
      b: Float64Array.from({ length: n }, (_, i) => -10 * i),
      note: Array.from({ length: n }, () => "-"),
    },
  )
type Rows = ReadonlyArray<ReadonlyArray<ReadonlyArray<number>>>
/** `[trajectories][states][features]` */
const statesOf = ({ columns: { x, id } }: any, length: number): Rows => {
  const features = x.length / id.length / length
  return Array.from(id as Int32Array, (_, t) =>
    Array.from({ length }, (_, s) => [...x.subarray((t * length + s) * features, (t * length + s + 1) * features)]),
  )
}

describe("delay-embedding", () => {
  it("a state is the newest values, then those before; trajectories to train follow each other, those to test overlap", async () => {
    const parameters = { columns: ["a", "b"], delays: 3, steps: 2, share: 0.6, stride: 2 }
    const { train, test } = (await run(delayEmbedding, { series: counted(20) }, parameters)).outputs
    const at = (t: number) => [t, -10 * t, t - 1, -10 * (t - 1), t - 2, -10 * (t - 2)]
    // 12 times to train, whose states are at 2 to 11; 8 to test, at 14 to 19
    expect(statesOf(train, 3)).toEqual([2, 4, 6, 8].map((t) => [at(t), at(t + 1), at(t + 2)]))
    expect(statesOf(test, 3)).toEqual([14, 16].map((t) => [at(t), at(t + 1), at(t + 2)]))
    expect([...test.columns.id]).toEqual([0, 1])
  })
  it("nothing to test stands in what trains, as a delay neither", async () => {
    const parameters = { columns: ["a"], delays: 5, steps: 3 }
    for (const share of [0.3, 0.5, 0.77]) {
      const { train, test } = (await run(delayEmbedding, { series: counted(60) }, { ...parameters, share })).outputs
      expect(Math.max(...train.columns.x)).toBeLessThan(Math.floor(60 * share))
      expect(Math.min(...test.columns.x)).toBe(Math.floor(60 * share))
      expect(Math.max(...test.columns.x)).toBe(59)
      // each step of the states to train once
      const steps = statesOf(train, 4).flatMap((states) => states.slice(1).map(([newest]) => newest))
      expect(steps).toEqual(Array.from({ length: steps.length }, (_, i) => i + 5))
      expect(steps.length).toBeGreaterThan(Math.floor(60 * share) - 5 - 3)
    }
  })
  it("one number of an oscillation is a linear system with two delays, and isn't with one", async () => {
    const n = 120
    const x = Float64Array.from({ length: n }, (_, i) => Math.sin(0.3 * i))
    const series = tableOf({ x: Column.float64 }, { id: ids(n), x })
    const nrmse = async (delays: number) => {
      const parts = (await run(delayEmbedding, { series }, { columns: ["x"], delays, steps: 12 })).outputs
      const fit = { dictionary: { polynomial: { degree: 1 } }, ridge: 1e-9 }
      const { model } = (await run(ridgeEdmd, { data: parts["train"] }, fit)).outputs
      const scores = await run(evaluateKoopman, { model, data: parts["test"] }, { horizon: 12, scored: [0] })
      return scores.outputs["metrics"].columns
    }
    const [one, two] = [await nrmse(1), await nrmse(2)]
    expect(two.nrmse[0]).toBeLessThan(1e-4)
    expect(two.spectralRadius[0]).toBeCloseTo(1, 6)
    expect(one.nrmse[0]).toBeGreaterThan(0.5)
  })
  it("errors are those of the coordinates that are scored", async () => {
    const n = 80
    const x = Float64Array.from({ length: n }, (_, i) => Math.sin(0.5 * i) + 0.3 * Math.sin(1.9 * i))
    const series = tableOf({ x: Column.float64 }, { id: ids(n), x })
    const { train, test } = (await run(delayEmbedding, { series }, { columns: ["x"], delays: 4, steps: 6 })).outputs
    const { model } = (await run(ridgeEdmd, { data: train }, { dictionary: "linear" })).outputs
    const scores = async (scored?: ReadonlyArray<number>) =>
      (await run(evaluateKoopman, { model, data: test }, { horizon: 6, ...(scored && { scored }) })).outputs["metrics"]
        .columns
    const each = await Promise.all([0, 1, 2, 3].map((c) => scores([c])))
    const square = (name: "nrmse" | "persistence") =>
      each.reduce((sum, columns) => sum + (columns[name][0] as number) ** 2, 0) / 4
    const all = await scores()
    expect(all.nrmse[0]).toBeCloseTo(Math.sqrt(square("nrmse")), 6)
    expect(all.persistence[0]).toBeCloseTo(Math.sqrt(square("persistence")), 6)
    // what is three times old is known for three steps more
    expect(each[3]!.nrmse[0]).toBeLessThan(each[0]!.nrmse[0])
    const both = await scores([0, 1, 2, 3])
    expect([...both.nrmse, ...both.oneStep]).toEqual([...all.nrmse, ...all.oneStep])
    expect(await failure(evaluateKoopman, { model, data: test }, { horizon: 6, scored: [4] })).toContain(
      "no coordinate 4",
    )
    expect(await failure(evaluateKoopman, { model, data: test }, { horizon: 6, scored: [-1] })).toContain(
      "no coordinate -1",
    )
  })
})

describe("what delay-embedding refuses", () => {
  const least = { columns: ["a"], delays: 3, steps: 2, share: 0.5 }
  it.each([
    [{ columns: ["c"] }, /column 'c' is missing: did you mean/],
    [{ columns: ["nothing"] }, /column 'nothing' is missing: no such column; there is id, a, b, note/],
    [{ columns: ["a", "note"] }, /column 'note' is utf8, wanted numbers/],
    [{ columns: [] }, /Missing key\n.*"columns"/],
    [{ delays: 4 }, /training part of the series has 5 times, 6 are needed/],
    [{ share: 0.6 }, /test part of the series has 4 times, 5 are needed/],
    [{ share: 0 }, /between 0 \(excluded\) and 1 \(excluded\)/],
    [{ share: 1 }, /between 0 \(excluded\) and 1 \(excluded\)/],
    [{ delays: 0 }, /greater than 0/],
    [{ steps: 0 }, /greater than 0/],
    [{ stride: 0 }, /greater than 0/],
  ])("%j", async (parameters, message) => {
    expect(await failure(delayEmbedding, { series: counted(10) }, { ...least, ...parameters })).toMatch(message)
  })
  it("as little as it needs is enough", async () => {
    const { train, test } = (await run(delayEmbedding, { series: counted(10) }, least)).outputs
    expect([train.length, test.length]).toEqual([1, 1])
  })
  it("no rows, rows left out or in another order, values that are missing or infinite", async () => {
    const of = (series: unknown) => failure(delayEmbedding, { series }, least)
    const floats = (a: ReadonlyArray<number>, id = ids(10)) => tableOf({ a: Column.float64 }, { id, a: [...a] })
    const values = [...ids(10)]
    expect(await of(counted(0))).toMatch(/has 0 times, 5 are needed/)
    expect(
      await of(
        floats(
          values,
          ids(10).map((i) => (i < 4 ? i : i + 1)),
        ),
      ),
    ).toMatch(/row 4 has the id 5, after 3: a series has a row for every time/)
    expect(await of(floats(values, ids(10).toReversed()))).toMatch(/row 1 has the id 8, after 9/)
    expect(await of(floats(values.map((v) => (v === 7 ? Number.NaN : v))))).toMatch(
      /column 'a', row 7: wanted a number, found NaN/,
    )
    expect(await of(floats(values.map((v) => (v === 2 ? Infinity : v))))).toMatch(/row 2: .* found Infinity/)
    const holes = tableOf({ a: Column.nullable(Column.int32) }, { a: values.map((v) => (v === 6 ? null : v)) })
    expect(await of(holes)).toMatch(/column 'a', row 6: wanted a number, found nothing/)
    const whole = tableOf({ a: Column.nullable(Column.int32) }, { a: values })
    expect(await of(whole)).toBe("no failure")
  })
})
