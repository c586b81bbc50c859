/** The stage without a teacher. */
import { Column, TableSchema } from "@relent/arrow"
import { Plugin, read, registry } from "@relent/stage"
import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import { distil } from "../src/distil.ts"
import { evaluate } from "../src/evaluate.ts"
import { plugin } from "../src/index.ts"
import { selfDistil } from "../src/self-distil.ts"
import { Logits } from "../src/tables.ts"
import { trainClassifier } from "../src/train-classifier.ts"
import { data, id, label, Points, rows, x } from "./points.ts"
import { failure, run, silence } from "./run.ts"

const Mixed = TableSchema.make("test/mixed", 1, {
  id: Column.int32,
  x: Column.tensor("float32", ["features"]),
  label: Column.int32,
  labels: Column.tensor("float32", ["classes"]),
})
/** Labels of the rows, one after the other. */
const mixed = (row: (label: number) => ReadonlyArray<number>, labels = label) =>
  Mixed.make({ id, x, label: labels, labels: Float32Array.from([...labels].flatMap(row)) })
const two = mixed((y) => [0, 1, 2].map((c) => (c === y ? 0.75 : c === (y + 1) % 3 ? 0.25 : 0)))

const small = { hidden: [8, 6], steps: 4, batch: 20, learningRate: 0.02 }

describe("self-distil", () => {
  it("learns without a teacher, and gives a plain model of all members", async () => {
    const { model } = await run(selfDistil, { data }, { ...small, steps: 100, members: 2 })
    expect(Object.keys(model.parameters)).toEqual([0, 1, 2].flatMap((l) => [`layers/${l}/weight`, `layers/${l}/bias`]))
    const { metrics } = await run(evaluate, { model, data })
    for (const accuracy of metrics.columns.accuracy) expect(accuracy).toBeGreaterThan(0.9)
  }, 20_000)

  it("trains the weak head by mu alone, on the layer that is named", async () => {
    const states = async (loss: object) => {
      const said = silence()
      await run(selfDistil, { data }, { ...small, every: 1, loss: { uskd: loss } }, said)
      return said.states.map(({ parameters }) => parameters["weak-head/weight"])
    }
    const [first, second] = await states({ layer: 1 })
    expect(first!.shape).toEqual([1, 6, 3])
    expect(second!.values).not.toEqual(first!.values)
    const still = await states({ mu: 0 })
    expect(still[0]!.shape).toEqual([1, 8, 3])
    expect(still[2]!.values).toEqual(still[0]!.values)
    expect(await states({ mu: 0, beta: 0 })).toEqual([undefined, undefined, undefined])
  })

  it("starts and goes on as cross-entropy does where all terms are 0", async () => {
    const given = { ...small, steps: 20 }
    const { model } = await run(selfDistil, { data }, { ...given, loss: "cross-entropy" })
    const { model: same } = await run(
      selfDistil,
      { data },
      { ...given, loss: { uskd: { alpha: 0, beta: 1e-30, mu: 0 } } },
    )
    for (const [path, { values }] of Object.entries<{ values: Float32Array }>(model.parameters))
      values.forEach((v, i) => expect(same.parameters[path].values[i]).toBeCloseTo(v, 5))
  })

  it("takes mixtures of two classes as labels", async () => {
    const hard = mixed((y) => [0, 1, 2].map((c) => (c === y ? 1 : 0)))
    const model = async (table: unknown) => (await run(selfDistil, { data: table }, small))["model"]
    expect(await model(hard)).toEqual(await model(data))
    expect(await model(two)).not.toEqual(await model(data))
  })

  it("warns of two classes, as distil does", async () => {
    const binary = Points.make({ id, x, label: label.map((y) => y % 2) })
    const said = silence()
    await run(selfDistil, { data: binary }, { ...small, steps: 1 }, said)
    const teacher = Logits.make({ id, logits: new Float32Array(rows * 2) })
    await run(distil, { data: binary, teacher }, { ...small, steps: 1, loss: "nkd" }, said)
    expect(said.warnings).toEqual([
      "of two classes only one isn't the label: the non-target term 'beta' is 0",
      "of two classes only one isn't the label: the non-target term 'gamma' is 0",
    ])
    await run(selfDistil, { data }, { ...small, steps: 1 }, said)
    expect(said.warnings).toHaveLength(2)
  })
})

describe("self-distil refuses", () => {
  const fails = (table: unknown, parameters: object = {}) =>
    failure(selfDistil, { data: table }, { ...small, ...parameters })

  it("pieces of a batch, whose statistics they don't have; a separable loss takes them", async () => {
    expect(await fails(data, { piece: 10 })).toBe(
      "this loss couples the 20 rows of a batch: it isn't a mean over pieces of 10",
    )
    const given = { ...small, loss: "label-smoothing" }
    const [{ model: whole }, { model }] = [
      await run(selfDistil, { data }, given),
      await run(selfDistil, { data }, { ...given, piece: 10 }),
    ]
    const bias = (of: typeof model) => of.parameters["layers/2/bias"].values as Float32Array
    bias(whole).forEach((v, i) => expect(bias(model)[i]).toBeCloseTo(v, 5))
    expect(await failure(trainClassifier, { data }, { ...small, piece: 7 })).toBe(
      "a batch of 20 doesn't divide into pieces of 7",
    )
  })
  it("a head on a layer that isn't there", async () => {
    expect(await fails(data, { hidden: [] })).toBe(
      "the weak head reads hidden layer 0, the student has 0 of them, counted from 0",
    )
    expect(await fails(data, { loss: { uskd: { layer: 2 } } })).toContain("hidden layer 2, the student has 2")
    expect(await fails(data, { hidden: [], loss: { uskd: { beta: 0, mu: 0 } } })).toBe("no failure")
  })
  it("labels that are none", async () => {
    expect(await fails(Points.make({ id, x, label: label.map((y) => y - 1) }))).toBe("label -1 is below 0")
    const three = mixed((y) => [0, 1, 2].map((c) => (c === y ? 0.6 : 0.2)))
    expect(await fails(three)).toBe("a row mixes 3 classes, the loss knows 2 at most")
    expect(await fails(three, { loss: "label-smoothing" })).toBe("no failure")
    expect(await fails(mixed((y) => [0, 1, 2].map((c) => (c === y ? 0.4 : 0.3)).map((v) => v / 2)))).toBe(
      "the labels of id 100 are no distribution",
    )
    expect(await fails(mixed((y) => [0, 1, 2].map((c) => (c === y ? Number.NaN : 1))))).toContain("are no distribution")
    expect(await fails(mixed((y) => [0, 1, 2].map((c) => (c === y ? 0.25 : c === (y + 1) % 3 ? 0.75 : 0))))).toBe(
      "the labels of id 100 are largest at another class than its label 0",
    )
    expect(await fails(mixed(() => [0.5, 0.5]))).toBe("column 'labels' has 2 classes, 'label' names 3")
    expect(
      await fails(
        mixed(
          () => [1],
          label.map(() => 0),
        ),
      ),
    ).toBe("column 'labels' has 1 classes, 'label' names 2")
    const words = TableSchema.make("test/words", 1, { ...Points.columns, labels: Column.utf8 })
    const named = words.make({ id, x, label, labels: Array.from(label, (y) => `class ${y}`) })
    expect(await fails(named)).toBe("column 'labels' is no tensor of float32 [classes]")
  })
  it("what distil takes: a teacher, its losses; and distil what is its own", async () => {
    const document = `name: p
seed: 1
stages:
  first: {stage: distillation/self-distil, in: {}}
  second: {stage: distillation/self-distil, in: {data: first.model, teacher: first.model}}
`
    const error = await Effect.runPromise(
      Effect.flip(read(document).pipe(Effect.provide(registry([Plugin.entry(plugin)])))),
    )
    expect(error.message).toContain("second.in.teacher: no such input")
    expect(await fails(data, { loss: "nkd" })).toContain("'distillation/nkd' is unknown")
    const teacher = Logits.make({ id, logits: new Float32Array(rows * 3) })
    expect(await failure(distil, { data, teacher }, { ...small, loss: "uskd" })).toContain(
      "'distillation/uskd' is unknown",
    )
  })
})
