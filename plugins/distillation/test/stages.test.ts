import { Column, type Table, TableSchema, view } from "@relent/arrow"
import { describe, expect, it } from "vitest"
import { compare, pairedInterval } from "../src/compare.ts"
import { distil } from "../src/distil.ts"
import { evaluate } from "../src/evaluate.ts"
import { predict } from "../src/predict.ts"
import { Logits } from "../src/tables.ts"
import { trainClassifier } from "../src/train-classifier.ts"
import { data, id, label, Points, rows, x } from "./points.ts"
import { failure, run } from "./run.ts"

const small = { hidden: [8], steps: 150, batch: 20, learningRate: 0.02 }
const kd = { ...small, members: 3, loss: { kd: { temperature: 2 } } }

describe("a teacher and its students", () => {
  it("learn, are joined by id, and are evaluated member by member", async () => {
    const { model: teacher } = await run(trainClassifier, { data }, small)
    const { logits } = await run(predict, { model: teacher, data })
    const reversed = Logits.fromRows([...(logits as Table<any>).rows].toReversed() as never)
    const { model: student } = await run(distil, { data, teacher: logits }, kd)
    expect((await run(distil, { data, teacher: reversed }, kd))["model"]).toEqual(student)
    const { metrics } = await run(evaluate, { model: student, data })
    expect([...metrics.columns.member]).toEqual([0, 1, 2])
    for (const accuracy of metrics.columns.accuracy) expect(accuracy).toBeGreaterThan(0.9)
  })

  it("refuse what doesn't fit", async () => {
    const { model } = await run(trainClassifier, { data }, { ...small, steps: 2 })
    const { logits } = await run(predict, { model, data })
    const half = view(logits.arrow.slice(0, 30))
    expect(await failure(distil, { data, teacher: half }, small)).toBe("the teacher has no logits for id 130")
    const twice = view(logits.arrow.concat(logits.arrow))
    expect(await failure(distil, { data, teacher: twice }, small)).toBe("the teacher has two rows of logits for id 100")
    const two = Logits.make({ id, logits: new Float32Array(rows * 2) })
    expect(await failure(distil, { data, teacher: two }, small)).toContain("knows 2 classes")
    const broken = Logits.make({ id, logits: new Float32Array(rows * 3).fill(Number.NaN) })
    expect(await failure(distil, { data, teacher: broken }, small)).toBe("a teacher's logit isn't finite")
    expect(await failure(distil, { data, teacher: logits }, { loss: { kd: { temperature: 0 } } })).toMatch(
      /greater than 0/,
    )
    expect(await failure(trainClassifier, { data }, { ...small, batch: 61 })).toBe(
      "a batch of 61 can't be drawn from 60 examples",
    )
    const negative = Points.make({ id, x, label: label.map(() => -1) })
    expect(await failure(trainClassifier, { data: negative }, small)).toBe("label -1 is below 0")
    expect(await failure(predict, { model, data }, { member: 1 })).toBe("the model has 1 members, not one numbered 1")
    const bare = TableSchema.make("test/bare", 1, { id: Column.int32, label: Column.int32 }).make({
      id: [1],
      label: [0],
    })
    expect(await failure(trainClassifier, { data: bare }, small)).toContain("there is no column of features")
  })
})

describe("a comparison", () => {
  it("has the paired t interval", () => {
    // By hand: mean 2, s = 1, t(0.975, 4) = 2.776445.
    const [mean, low, high] = pairedInterval([1, 2, 3, 2, 2].map((v) => 2 + (v - 2) * Math.sqrt(2)))
    expect(mean).toBeCloseTo(2, 12)
    expect(high - low).toBeCloseTo((2 * 2.776445) / Math.sqrt(5), 5)
  })
  it("says better, worse, or no difference", async () => {
    const { int32, float64, utf8 } = Column
    const Arms = TableSchema.make("test/arms", 1, {
      loss: utf8,
      member: int32,
      accuracy: float64,
      nll: float64,
      brier: float64,
      ece: float64,
    })
    const row = (loss: string, member: number, accuracy: number, nll: number) => ({
      loss,
      member,
      accuracy,
      nll,
      brier: 1,
      ece: member / 10,
    })
    const results = Arms.fromRows([
      ...[0.8, 0.81, 0.79].map((a, m) => row("base", m, a, 1)),
      ...[0.9, 0.91, 0.9].map((a, m) => row("new", m, a, 2 + m / 100)),
    ])
    const { comparison } = await run(compare, { results }, { baseline: "base" })
    const verdicts = [...comparison.rows].map((r: { metric: string; verdict: string }) => [r.metric, r.verdict])
    expect(verdicts).toEqual([
      ["accuracy", "better"],
      ["nll", "worse"],
      ["brier", "no difference"],
      ["ece", "no difference"],
    ])
    expect(await failure(compare, { results }, { baseline: "bass" })).toContain("an interval needs two")
    expect(await failure(compare, { results }, { baseline: "base", axis: "gain" })).toContain("no column 'gain'")
  })
  it("pairs rows of one seed, and refuses rows that nothing tells apart", async () => {
    const { int32, float64, utf8 } = Column
    const columns = { loss: utf8, member: int32, accuracy: float64, nll: float64, brier: float64, ece: float64 }
    const Arms = TableSchema.make("test/arms", 1, columns)
    const Seeds = TableSchema.make("test/seeds", 1, { ...columns, seed: float64 })
    // seeds differ far more than arms do; in one order in the one arm, in another in the other
    const row = (loss: string, seed: number, accuracy: number) =>
      ({ loss, seed, member: 0, accuracy, nll: 0, brier: 0, ece: 0 }) as const
    const rows = [
      ...[0.2, 0.5, 0.8].map((accuracy, i) => row("base", i, accuracy)),
      ...[0.83, 0.52, 0.21].map((accuracy, i) => row("new", 2 - i, accuracy)),
    ]
    const { comparison } = await run(compare, { results: Seeds.fromRows(rows) }, { baseline: "base" })
    const [{ difference, low, verdict }] = [...comparison.rows]
    expect(difference).toBeCloseTo(0.02, 12)
    expect(low).toBeCloseTo(0.02 - (4.302653 * 0.01) / Math.sqrt(3), 6) // t(0.975, 2), s = 0.01
    expect(verdict).toBe("no difference")
    const alike = rows.map(({ loss, member, accuracy }) => ({ loss, member, accuracy, nll: 0, brier: 0, ece: 0 }))
    expect(await failure(compare, { results: Arms.fromRows(alike) }, { baseline: "base" })).toBe(
      "arm 'base' has 3 rows of member 0",
    )
    const twice = Seeds.fromRows([...rows, row("new", 1, 0.5)])
    expect(await failure(compare, { results: twice }, { baseline: "base" })).toBe(
      "arm 'new' has 2 rows of seed 1, member 0",
    )
  })
})
