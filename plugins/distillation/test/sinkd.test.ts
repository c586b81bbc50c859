/** Oracles of the card, what the losses are made of, and what they refuse. */
import { LogitsMismatch } from "@relent/divergence/tensor"
import { Names } from "@relent/named"
import { tf } from "@relent/tensor"
import { Effect, Schema } from "effect"
import { describe, expect, it } from "vitest"
import { type DistillationLoss, Loss } from "../src/loss/loss.ts"
import { sinkd, sinkdLoss, type SinkdOptions } from "../src/loss/sinkd.ts"
import { sinkdSamplewise, sinkdSamplewiseLoss } from "../src/loss/sinkd-samplewise.ts"
import { distil } from "../src/distil.ts"
import { Logits } from "../src/tables.ts"
import { predict } from "../src/predict.ts"
import { teacherGap } from "../src/teacher-gap.ts"
import { trainClassifier } from "../src/train-classifier.ts"
import { passedAt } from "../src/training.ts"
import { close, read } from "./fixture.ts"
import { data, id, rows } from "./points.ts"
import { failure, run, silence } from "./run.ts"

const student = [
  [1, 0.5, -0.5],
  [0.2, -0.3, 0.8],
  [-1, 2, 0],
]
const teacher = [
  [2, 1, 0],
  [0.5, 1.5, -0.5],
  [-0.5, 0, 1.5],
]
type Rows = typeof student
const hot = [
  [1, 0, 0],
  [0, 1, 0],
  [0, 0, 1],
]
const defaults: SinkdOptions = {
  temperature: 2,
  costNorm: 1,
  weight: 1,
  alpha: 0.8,
  kdTemperature: 2,
  kdAnneal: false,
  baseWeight: 1,
  epsilon: 0.1,
  iterations: 20,
  reduction: "mean",
  domain: "log",
  gradient: "unrolled",
  memory: 512,
}
/** The transport alone. */
const alone = (options: Partial<SinkdOptions> = {}) => sinkdLoss({ ...defaults, baseWeight: 0, ...options })
const total = async (loss: DistillationLoss, s: Rows = student, t: Rows = teacher, y = hot) => {
  const [value] = await read(() =>
    tf.mean(loss({ student: tf.tensor2d(s), teacher: tf.tensor2d(t), oneHot: tf.tensor2d(y) })),
  )
  return value!
}
const slope = (loss: DistillationLoss, s: Rows = student, t: Rows = teacher) =>
  read(() => {
    const [given, oneHot] = [tf.tensor2d(t), tf.tensor2d(hot)]
    return tf.grad((x) => tf.mean(loss({ student: x, teacher: given, oneHot })))(tf.tensor2d(s))
  })
const card = [
  -0.29832724, 0.19584519, 0.10248204, 0.24936384, -0.07259478, -0.17676906, -0.12346192, 0.07437718, 0.04908474,
]

describe("the Sinkhorn distance of a batch", () => {
  it.each(["log", "kernel"] as const)("has the card's value and gradient, by %s", async (domain) => {
    expect(await total(alone({ domain, reduction: "sum" }))).toBeCloseTo(0.764861454, 6)
    expect(await total(alone({ domain }))).toBeCloseTo(0.764861454 / 3, 6)
    close(await slope(alone({ domain, reduction: "sum" })), card)
    const rows = await slope(alone({ domain }))
    for (const row of [0, 3, 6]) expect(rows.slice(row, row + 3).reduce((a, b) => a + b, 0)).toBeCloseTo(0, 6)
  })
  it("goes with epsilon from the assignment to the mean of all costs", async () => {
    const at = (epsilon: number, iterations: number) => total(alone({ epsilon, iterations, reduction: "sum" }))
    expect(await at(0.005, 20)).toBeCloseTo(0.697871716, 5)
    expect(await at(0.1, 200)).toBeCloseTo(0.76504132, 5)
    expect(await at(0.5, 100)).toBeCloseTo(1.20446075, 5)
    expect(await at(100, 20)).toBeCloseTo(1.38830825, 5)
  })
  it("doesn't see whose an output is: rows of the teacher in another order change nothing", async () => {
    const sum = alone({ reduction: "sum" })
    const turned = [teacher[2]!, teacher[0]!, teacher[1]!]
    expect(await total(sum, student, turned)).toBeCloseTo(0.764861454, 6)
    close(await slope(sum, student, turned), card)
    const [s, t] = [student, teacher].map((rows) => [rows[1]!, rows[2]!, rows[0]!]) as [Rows, Rows]
    expect(await total(sum, s, t)).toBeCloseTo(0.764861454, 6)
  })
  it("isn't 0 of equal outputs, and its gradient there is finite", async () => {
    const sum = alone({ reduction: "sum" })
    expect(await total(sum, teacher, teacher)).toBeCloseTo(0.0167665295, 6)
    expect((await slope(sum, teacher, teacher)).every(Number.isFinite)).toBe(true)
    const same = [teacher[0]!, teacher[0]!, teacher[0]!]
    expect(await total(sum, same, same)).toBeCloseTo(0, 6)
    close(
      await slope(sum, same, same),
      same.flat().map(() => 0),
      6,
    )
  })
  it("of one row is its own distance, whatever epsilon", async () => {
    for (const epsilon of [0.01, 0.1, 10])
      expect(await total(alone({ epsilon }), [student[0]!], [teacher[0]!], [hot[0]!])).toBeCloseTo(0.124532824, 6)
  })
  it("with the plan as a constant has the same value and another gradient", async () => {
    const envelope = alone({ gradient: "envelope", reduction: "sum" })
    expect(await total(envelope)).toBeCloseTo(0.764861454, 6)
    const gradient = await slope(envelope)
    expect(gradient.some((v, i) => Math.abs(v - card[i]!) > 0.01)).toBe(true)
  })
  it("stays finite at a small epsilon and for logits far apart", async () => {
    const far = [
      [300, -300, 0],
      [-300, 300, 0],
      [0, 0, 300],
    ]
    for (const epsilon of [0.1, 0.001])
      for (const gradient of await Promise.all([slope(alone({ epsilon })), slope(alone({ epsilon }), far)]))
        expect(gradient.every(Number.isFinite)).toBe(true)
  })
  it("has no gradient by the teacher", async () => {
    const gradient = await read(() =>
      tf.grad((t) => {
        const loss = alone()({ student: tf.tensor2d(student), teacher: t, oneHot: tf.tensor2d(hot) })
        return tf.add(tf.sum(loss), tf.sum(t))
      })(tf.tensor2d(teacher)),
    )
    close(
      gradient,
      gradient.map(() => 1),
      7,
    )
  })
  it("takes members apart", async () => {
    const both = await read(() => {
      const stacked = (rows: Rows, others: Rows) => tf.stack([tf.tensor2d(rows), tf.tensor2d(others)])
      const oneHot = stacked(hot, hot)
      return tf.mean(alone()({ student: stacked(student, teacher), teacher: stacked(teacher, teacher), oneHot }), -1)
    })
    close(both, [0.764861454 / 3, 0.0167665295 / 3], 6)
  })
})

describe("what it is added to", () => {
  const softmax = (row: ReadonlyArray<number>, t: number) => {
    const e = row.map((v) => Math.exp(v / t))
    const sum = e.reduce((a, b) => a + b, 0)
    return e.map((v) => v / sum)
  }
  const mean = (f: (row: number) => number) => [0, 1, 2].reduce((sum, i) => sum + f(i), 0) / 3
  const ce = mean((i) => -Math.log(softmax(student[i]!, 1)[i]!))
  const kdAt = (tau: number) =>
    mean((i) => {
      const [t, s] = [softmax(teacher[i]!, tau), softmax(student[i]!, tau)]
      return t.reduce((sum, v, c) => sum - v * Math.log(s[c]!), 0)
    })
  const kd = kdAt(2)
  const diagonal = 1.38333429 / 3
  it("is the card's total: cross-entropy, KD without tau squared, and beta SD", async () => {
    const sum = 0.2 * ce + 0.8 * kd
    expect(await total(sinkdLoss(defaults))).toBeCloseTo(sum + 0.764861454 / 3, 5)
    const official = { ...defaults, reduction: "sum" as const, weight: 0.0008 }
    expect(await total(sinkdLoss(official))).toBeCloseTo(sum + 0.0008 * 0.764861454, 6)
    expect(await total(sinkdLoss({ ...defaults, weight: 0 }))).toBeCloseTo(sum, 5)
    expect(await total(sinkdLoss({ ...defaults, weight: 0, alpha: 0, baseWeight: 2 }))).toBeCloseTo(2 * ce, 5)
    expect(await total(sinkdLoss({ ...defaults, weight: 0, alpha: 1 }))).toBeCloseTo(kd, 5)
  })
  it("annealed, tau falls linearly to 1 in the last pass", async () => {
    const at = (passed: number) =>
      read(() => {
        const loss = sinkdLoss({ ...defaults, weight: 0, alpha: 1, kdTemperature: 3, kdAnneal: true })
        const [s, t] = [tf.tensor2d(student), tf.tensor2d(teacher)]
        return tf.mean(
          loss({ student: s, teacher: t, oneHot: tf.tensor2d(hot), passed: tf.mul(tf.ones([3, 1]), passed) }),
        )
      })
    for (const [passed, tau] of [
      [0, 3],
      [0.5, 2],
      [1, 1],
    ] as const)
      expect((await at(passed))[0]).toBeCloseTo(kdAt(tau), 5)
    expect(sinkdSamplewiseLoss({ ...defaults, kdAnneal: true }).anneals).toBe(true)
    // four passes of three steps
    expect([0, 2, 3, 6, 11].map((step) => passedAt(step, 12, 3))).toEqual([0, 0, 1 / 3, 2 / 3, 1])
    expect([passedAt(2, 3, 3), passedAt(12, 13, 3)]).toEqual([0, 1])
  })
  it("sample by sample is the diagonal, which the teacher's order changes", async () => {
    const samplewise = sinkdSamplewiseLoss({ ...defaults, baseWeight: 0 })
    expect(await total(samplewise)).toBeCloseTo(diagonal, 6)
    expect(await total(samplewise, student, [teacher[2]!, teacher[0]!, teacher[1]!])).not.toBeCloseTo(diagonal, 2)
    expect(await total(sinkdSamplewiseLoss(defaults))).toBeCloseTo(0.2 * ce + 0.8 * kd + diagonal, 5)
    expect(await total(sinkdSamplewiseLoss({ ...defaults, weight: 0 }))).toBeCloseTo(0.2 * ce + 0.8 * kd, 5)
  })
})

const decode = (spelling: object) =>
  Effect.runPromise(
    Schema.decodeUnknownEffect(Loss.parameter("distillation"))(spelling, { errors: "all" }).pipe(
      Effect.provideService(Names, {
        find: (_, name) => Effect.succeed(name.endsWith("samplewise") ? sinkdSamplewise : sinkd),
      }),
    ),
  )

describe("parameters", () => {
  it("have the card's defaults", async () => {
    expect((await decode({ sinkd: {} })).parameters).toEqual(defaults)
  })
  it.each([
    [{ temperature: 0 }, /greater than 0[\s\S]*\["temperature"\]/],
    [{ epsilon: -1 }, /greater than 0[\s\S]*\["epsilon"\]/],
    [{ iterations: 0 }, /greater than 0[\s\S]*\["iterations"\]/],
    [{ iterations: 1.5 }, /integer[\s\S]*\["iterations"\]/],
    [{ alpha: 1.1 }, /between 0 and 1[\s\S]*\["alpha"\]/],
    [{ weight: -1 }, /greater than or equal to 0[\s\S]*\["weight"\]/],
    [{ kdTemperature: 0 }, /greater than 0[\s\S]*\["kdTemperature"\]/],
    [{ kdAnneal: 1 }, /boolean[\s\S]*\["kdAnneal"\]/],
    [{ costNorm: 0.5 }, /greater than or equal to 1[\s\S]*\["costNorm"\]/],
    [{ reduction: "batch" }, /"sum"[\s\S]*\["reduction"\]/],
    [{ domain: "dual" }, /"kernel"[\s\S]*\["domain"\]/],
    [{ gradient: "implicit" }, /"envelope"[\s\S]*\["gradient"\]/],
    [
      { domain: "kernel", epsilon: 0.02 },
      /at least 0.025 in the kernel domain, got 0.02; use domain 'log'[\s\S]*\["epsilon"\]/,
    ],
    [{ weight: 0, baseWeight: 0 }, /there is no loss[\s\S]*\["weight"\]/],
    [{ temperature: Number.NaN }, /finite[\s\S]*\["temperature"\]/],
  ])("refuse %j with the place", async (given, message) => {
    await expect(decode({ sinkd: given })).rejects.toThrow(message)
  })
  it("of the control have the same ranges", async () => {
    await expect(decode({ "sinkd-samplewise": { weight: 0, baseWeight: 0 } })).rejects.toThrow(/there is no loss/)
    await expect(decode({ "sinkd-samplewise": { costNorm: 0 } })).rejects.toThrow(/greater than or equal to 1/)
    await expect(decode({ "sinkd-samplewise": { epsilon: 1 } })).rejects.toThrow(/epsilon/)
  })
  it("logits of another shape are refused", async () => {
    for (const loss of [alone(), sinkdSamplewiseLoss({ ...defaults, alpha: 0 })])
      for (const other of [[[1, 2]], [teacher[0]!]])
        await expect(total(loss, student, other)).rejects.toThrow(LogitsMismatch)
  })
})

describe("in training", () => {
  const small = { hidden: [8], steps: 60, batch: 20, learningRate: 0.02 }
  const taught = run(trainClassifier, { data }, { ...small, steps: 150 }).then(async ({ model }) => ({
    model,
    teacher: (await run(predict, { model, data }))["logits"],
  }))
  it("students come nearer to the teacher's set, and are measured", async () => {
    const { teacher } = await taught
    const student = async (loss: object) => {
      const { model } = await run(distil, { data, teacher }, { ...small, members: 2, loss })
      return (await run(teacherGap, { model, data, teacher }, { rows: 30 }))["gap"].columns
    }
    const [sinkd, labels] = [
      await student({ sinkd: { iterations: 5 } }),
      await student({ sinkd: { weight: 0, alpha: 0 } }),
    ]
    expect([...sinkd.member]).toEqual([0, 1])
    for (const m of [0, 1]) {
      expect(sinkd.exact[m]).toBeLessThan(labels.exact[m])
      expect(sinkd.exact[m]).toBeLessThanOrEqual(sinkd.transport[m] + 2e-4)
      expect(sinkd.exact[m]).toBeLessThanOrEqual(sinkd.diagonal[m] + 1e-9)
      expect(sinkd.converged[m]).toBe(true)
      expect(sinkd.marginalError[m]).toBeLessThanOrEqual(1e-4)
      expect(sinkd.agreement[m]).toBeGreaterThan(0.9)
    }
  })
  it("the teacher has no gap to itself", async () => {
    const { model, teacher } = await taught
    const { gap } = await run(teacherGap, { model, data, teacher }, { rows: 1000, epsilon: 0.01 })
    const [row] = gap.rows
    expect(row.kl).toBeCloseTo(0, 9)
    expect([row.agreement, row.diagonal]).toEqual([1, 0])
    for (const cost of [row.exact, row.divergence]) expect(cost).toBeCloseTo(0, 6)
  })
  it("a plan that doesn't converge fails, unless it is to be reported", async () => {
    const { model, teacher } = await taught
    const inputs = { model, data, teacher }
    const few = { rows: 20, iterations: 1 }
    expect(await failure(teacherGap, inputs, few)).toMatch(
      /^member 0: after 1 iterations the row sums are off by .* in all, not by 0.0001 at most/,
    )
    const { gap } = await run(teacherGap, inputs, { ...few, unconverged: "report" })
    expect([...gap.columns.converged]).toEqual([false])
    expect(gap.columns.marginalError[0]).toBeGreaterThan(1e-4)
  })
  it("anneals from pass to pass: of one pass nothing, of several it does", async () => {
    const { teacher } = await taught
    const model = async (steps: number, kdAnneal: boolean) =>
      (await run(distil, { data, teacher }, { ...small, steps, loss: { "sinkd-samplewise": { kdAnneal } } }))["model"]
    expect(await model(3, true)).toEqual(await model(3, false))
    expect(await model(6, true)).not.toEqual(await model(6, false))
  })
  it("is coupled: it can't be taken in pieces, where the control can", async () => {
    const { teacher } = await taught
    const pieces = (loss: object) => failure(distil, { data, teacher }, { ...small, steps: 1, piece: 10, loss })
    expect(await pieces({ sinkd: {} })).toContain("this loss couples the 20 rows of a batch")
    expect(await pieces({ "sinkd-samplewise": {} })).toBe("no failure")
  })
  it("refuses a batch that doesn't fit into its memory, and warns of one row", async () => {
    const { teacher } = await taught
    expect(await failure(distil, { data, teacher }, { ...small, loss: { sinkd: { memory: 0.001 } } })).toBe(
      "the differences of all pairs of 20 rows take 1 MiB, 'memory' allows 0.001",
    )
    const said = silence()
    await run(distil, { data, teacher }, { ...small, steps: 1, batch: 1, loss: "sinkd" }, said)
    expect(said.warnings).toEqual([expect.stringContaining("a batch of one row has no geometry")])
    const warning = sinkdLoss(defaults).warning!
    expect(warning({ members: 1, batch: 20, classes: 2 })).toContain("little geometry")
    expect(warning({ members: 1, batch: 20, classes: 3 })).toBeUndefined()
  })
  it("a teacher of other classes, or one that lacks rows, is refused", async () => {
    const { model } = await taught
    const two = Logits.make({ id, logits: new Float32Array(rows * 2) })
    expect(await failure(teacherGap, { model, data, teacher: two })).toContain(
      "knows 3 classes, the data has 3, the teacher 2",
    )
    const one = Logits.make({ id: id.slice(0, 1), logits: new Float32Array(3) })
    expect(await failure(teacherGap, { model, data, teacher: one })).toBe("the teacher has no logits for id 101")
  })
})
