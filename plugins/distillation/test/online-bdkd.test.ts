/** A student and its teacher, trained together. */
import { Divergence, onLogits, softmax } from "@relent/divergence"
import { type Model, TrainingState } from "@relent/nn"
import { type Source, source } from "@relent/random"
import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import { distil } from "../src/distil.ts"
import { evaluate } from "../src/evaluate.ts"
import { onlineBdkd } from "../src/online-bdkd.ts"
import { predict } from "../src/predict.ts"
import { Logits } from "../src/tables.ts"
import { trainClassifier } from "../src/train-classifier.ts"
import { data, id, label, Points, rows, x } from "./points.ts"
import { failure, run, silence } from "./run.ts"

const small = { hidden: [4], steps: 30, batch: 20, learningRate: 0.02, every: 10 }
const pair = { ...small, teacherHidden: [8, 8], members: 2 }
const random = source({ seed: 1, stream: "pair" })
const online = (parameters: object, said = silence(), more: object = {}) =>
  run(onlineBdkd, { data }, { ...pair, ...parameters }, said, { random, ...more })
const parametersOf = ({ parameters }: Model) => parameters

describe("a student and its teacher", () => {
  it("learn together, member by member, and tell both losses", async () => {
    const said = silence()
    const { model, teacher } = await online({ hidden: [8], steps: 120 }, said)
    expect([model.widths, teacher.widths]).toEqual([
      [3, 8, 3],
      [3, 8, 8, 3],
    ])
    for (const net of [model, teacher]) {
      const { metrics } = await run(evaluate, { model: net, data })
      expect([...metrics.columns.member]).toEqual([0, 1])
      for (const accuracy of metrics.columns.accuracy) expect(accuracy).toBeGreaterThan(0.9)
    }
    expect(said.metrics.map(({ step }) => step)).toEqual(Array.from({ length: 12 }, (_, i) => 10 * (i + 1)))
    const [first, last] = [said.metrics[0]!, said.metrics.at(-1)!]
    for (const loss of ["loss", "teacherLoss"]) expect(last[loss]).toBeLessThan(first[loss] as number)
  })

  it.each(["simultaneous", "alternate"])("%s: cut and resumed, give the same bytes", async (update) => {
    const said = silence()
    const whole = await online({ update }, said)
    expect(said.states).toHaveLength(2)
    const state = await Effect.runPromise(TrainingState.decode(TrainingState.encode(said.states[1]!)))
    expect(await online({ update }, silence(), { from: { step: 20, state } })).toEqual(whole)
  })

  it("descend the card's losses: beside cross-entropy t^2 KL(T || S) with the teacher held, t^2 KL(S || T) with the student held", async () => {
    const [said, temperature] = [silence(), 0.25]
    const forward = { gate: "forward", normaliseWeights: true, temperature, teacherWeight: 0.5 }
    const still = { members: 1, batch: rows, steps: 1, every: 1, learningRate: 1e-9 }
    const nets = await online({ ...forward, ...still }, said)
    const logitsOf = async (model: unknown): Promise<Float32Array> =>
      (await run(predict, { model, data })).logits.columns.logits
    const [student, teacher] = [await logitsOf(nets["model"]), await logitsOf(nets["teacher"])]
    const softened = (logits: Float32Array, i: number) => logits.slice(3 * i, 3 * i + 3).map((z) => z / temperature)
    const lossOf = (own: Float32Array, other: Float32Array, weight: number) =>
      [...label].reduce((sum, y, i) => {
        const ce = -Math.log(softmax(own.slice(3 * i, 3 * i + 3))[y]!)
        const kl = onLogits(Divergence.kl, softened(other, i), softened(own, i)).value
        return sum + (ce + weight * temperature ** 2 * kl) / rows
      }, 0)
    const { loss, teacherLoss } = said.metrics[0]!
    expect(loss).toBeCloseTo(lossOf(student, teacher, 1), 5)
    expect(teacherLoss).toBeCloseTo(lossOf(teacher, student, 0.5), 5)
  })

  it("differ by update, by gate and by temperature", async () => {
    const all = [{}, { update: "alternate" }, { gate: "none" }, { gate: "forward" }, { temperature: 2 }]
    const found = []
    for (const one of all)
      found.push(JSON.stringify(parametersOf((await online({ ...one, members: 1, steps: 5 }))["model"])))
    expect(new Set(found).size).toBe(all.length)
  })

  it("with teacherWeight 0: the teacher is trained as alone, bit for bit, whatever the student does", async () => {
    const draws: Source = (purpose, ...counters) => random(purpose === "init" ? "teacher/init" : purpose, ...counters)
    const given = { ...small, hidden: [8, 8], members: 2 }
    const alone = await run(trainClassifier, { data }, given, silence(), { random: draws })
    for (const update of ["simultaneous", "alternate"])
      expect((await online({ teacherWeight: 0, update }))["teacher"]).toEqual(alone["model"])
    expect((await online({}))["teacher"]).not.toEqual(alone["model"])
  })

  it("with studentWeight 0: so is the student, on the draws of train-classifier", async () => {
    const alone = await run(trainClassifier, { data }, { ...small, members: 2 }, silence(), { random })
    expect((await online({ studentWeight: 0 }))["model"]).toEqual(alone["model"])
  })

  it("start apart even where their shapes are one", async () => {
    const { model, teacher } = await online({ teacherHidden: [4], steps: 1, learningRate: 1e-9 })
    expect(model.parameters["layers/0/weight"].values[0]).not.toBe(teacher.parameters["layers/0/weight"].values[0])
  })

  it("has defaults for all but the data", async () => {
    const { model, teacher } = await run(onlineBdkd, { data }, { steps: 1, batch: 10 })
    expect([model.widths, teacher.widths]).toEqual([
      [3, 256, 3],
      [3, 512, 512, 3],
    ])
  })

  it.each([
    [{ temperature: 0 }, /greater than 0.*"temperature"/s],
    [{ entropyTemperature: 0 }, /greater than 0.*"entropyTemperature"/s],
    [{ heavyWeight: 0, lightWeight: 0 }, /greater than 0.*"heavyWeight"/s],
    [{ heavyWeight: 1, lightWeight: 2 }, /at most heavyWeight.*"lightWeight"/s],
    [{ lightWeight: -1 }, /greater than or equal to 0.*"lightWeight"/s],
    [{ studentWeight: -1 }, /greater than or equal to 0.*"studentWeight"/s],
    [{ teacherWeight: -1 }, /greater than or equal to 0.*"teacherWeight"/s],
    [{ gate: "both" }, /"entropy".*"gate"/s],
    [{ update: "sometimes" }, /"simultaneous".*"update"/s],
    [{ batch: 0 }, /greater than 0.*"batch"/s],
    [{ batch: 61 }, /a batch of 61 can't be drawn from 60 examples/],
    [{ learningRate: 1e30 }, /diverged.*isn't finite/],
  ])("refuse %j", async (wrong, message) => {
    expect(await failure(onlineBdkd, { data }, { ...pair, ...wrong })).toMatch(message)
  })

  it("refuse data they can't learn from", async () => {
    const on = (data: unknown) => failure(onlineBdkd, { data }, pair)
    expect(await on(Points.make({ id, x, label: label.map(() => -1) }))).toBe("label -1 is below 0")
    const broken = x.map((v, i) => (i === 7 ? Number.NaN : v))
    expect(await on(Points.make({ id, x: broken, label }))).toMatch(/isn't finite/)
    const none = Points.make({ id: id.slice(0, 0), x: x.slice(0, 0), label: label.slice(0, 0) })
    expect(await on(none)).toMatch(/no examples|no column of features/)
  })
})

describe("bd-kd from a table of logits", () => {
  const logits = Logits.make({ id, logits: Float32Array.from({ length: rows * 3 }, (_, i) => x[i]! * 3) })
  it("trains a student on a teacher made elsewhere", async () => {
    const { model } = await run(distil, { data, teacher: logits }, { ...small, steps: 100, loss: "bd-kd" })
    const { metrics } = await run(evaluate, { model, data })
    expect(metrics.columns.accuracy[0]).toBeGreaterThan(0.9)
  })
  it("refuses a teacher of one class, of fewer classes, or that isn't finite", async () => {
    const on = (teacher: unknown) => failure(distil, { data, teacher }, { ...small, loss: "bd-kd" })
    for (const classes of [1, 2])
      expect(await on(Logits.make({ id, logits: new Float32Array(rows * classes) }))).toContain(`${classes} class`)
    const broken = Logits.make({ id, logits: new Float32Array(rows * 3).fill(Number.POSITIVE_INFINITY) })
    expect(await on(broken)).toBe("a teacher's logit isn't finite")
  })
})
