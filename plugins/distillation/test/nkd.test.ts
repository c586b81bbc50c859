/** Oracles of the losses that take the label's class and the others apart. */
import { Divergence } from "@relent/divergence"
import { crossEntropy, entropy } from "@relent/divergence/tensor"
import { Names } from "@relent/named"
import { tf } from "@relent/tensor"
import { Effect, Schema } from "effect"
import { describe, expect, it } from "vitest"
import { dkd, dkdLoss } from "../src/loss/dkd.ts"
import { kdLoss } from "../src/loss/kd.ts"
import { type DistillationLoss, Loss } from "../src/loss/loss.ts"
import { nkd, nkdLoss } from "../src/loss/nkd.ts"
import { LabelsMismatch, nonTarget } from "../src/loss/non-target.ts"
import { close, gradientOf, input, read, valuesOf, z, zt } from "./fixture.ts"

const y = [0, 2]
const mean = (values: ReadonlyArray<number>) => values.reduce((a, b) => a + b, 0) / values.length
const sums = (rows: ReadonlyArray<number>) => [0, 1].map((i) => rows.slice(4 * i, 4 * i + 4).reduce((a, b) => a + b, 0))

// The same in float64, over the C - 1 classes alone.
const softmax = (row: ReadonlyArray<number>, temperature = 1) => {
  const e = row.map((v) => Math.exp(v / temperature))
  const total = e.reduce((a, b) => a + b, 0)
  return e.map((v) => v / total)
}
const others = (row: ReadonlyArray<number>, label: number, temperature = 1) =>
  softmax(
    row.filter((_, c) => c !== label),
    temperature,
  )
const teacherLeaves = zt.map((row, i) => 1 - softmax(row)[y[i]!]!)

/** The non-target term without its weight. */
const nonTargetTerm =
  (temperature: number): DistillationLoss =>
  (given) =>
    tf.div(tf.sub(nkdLoss(1, temperature)(given), nkdLoss(0, temperature)(given)), temperature ** 2)

describe("nkd", () => {
  it("has the non-target terms of the card", async () => {
    close(await valuesOf(nonTargetTerm(1)), [0.97001343, 1.24911795])
    close(await valuesOf(nonTargetTerm(3)), [1.08666371, 1.114947])
  })
  it("has a gradient of rows that sum to 0, in closed form T_y (S - y) + gamma t (S^ - T^)", async () => {
    close(sums(await gradientOf(nkdLoss(1.5, 1))), [0, 0])
    const expected = z.flatMap((row, i) => {
      const [s, t, label] = [softmax(row), softmax(zt[i]!), y[i]!]
      const [so, to] = [others(row, label, 3), others(zt[i]!, label, 3)]
      const apart = so.map((v, c) => 3.5 * 3 * (v - to[c]!)).toSpliced(label, 0, 0)
      return row.map((_, c) => t[label]! * (s[c]! - (c === label ? 1 : 0)) + apart[c]!)
    })
    close(await gradientOf(nkdLoss(3.5, 3)), expected)
  })
  it("is what soft-label cross-entropy decomposes into", async () => {
    const [target, between] = [await valuesOf(nkdLoss(0, 1)), await valuesOf(nonTargetTerm(1))]
    const whole = await valuesOf(({ student, teacher }) => crossEntropy(teacher, student))
    close(whole, [1.06855516, 1.7218903])
    const parts = z.map((row, i) => {
      const left = Math.log(1 - softmax(row)[y[i]!]!)
      return target[i]! + teacherLeaves[i]! * (between[i]! - left)
    })
    close(parts, whole)
  })
  it("has a non-target term of NCKD and the entropy of T^", async () => {
    const h = await valuesOf(({ teacher, oneHot }) => entropy(nonTarget(teacher, oneHot)))
    const nckd = await valuesOf(dkdLoss(0, 1, 1))
    close(
      await valuesOf(nonTargetTerm(1)),
      nckd.map((v, i) => v + h[i]!),
    )
  })
  it("is blind to the label's logit in the non-target term", async () => {
    const moved = (rows: typeof z, by: number) => rows.map((row, i) => row.map((v, c) => (c === y[i] ? v + by : v)))
    const still = await valuesOf(nonTargetTerm(1))
    // 60 more, and 1 - S_y is 0 in float32
    for (const by of [-60, 3, 60]) {
      close(await valuesOf(nonTargetTerm(1), moved(z, by), zt), still, 4)
      close(await valuesOf(nonTargetTerm(1), z, moved(zt, by)), still, 4)
    }
  })
  it("is cross-entropy in the target term of a teacher that is sure, and finite where S_y is 0", async () => {
    const sure = [
      [100, 0, 0, 0],
      [0, 0, 100, 0],
    ]
    const ce = await valuesOf(kdLoss(Divergence.kl, 1, 1))
    close(await valuesOf(nkdLoss(0, 1), z, sure), ce)
    close(await valuesOf(nkdLoss(0, 1), [...sure].toReversed(), sure), [100, 100], 4)
  })
  it("has no non-target term for two classes, and warns of it", async () => {
    const two = () => {
      const [student, teacher, oneHot] = [[[1, -2]], [[3, 0.5]], [[0, 1]]].map((rows) => tf.tensor2d(rows))
      return { student: student!, teacher: teacher!, oneHot: oneHot! }
    }
    expect(await read(() => nonTargetTerm(1)(two()))).toEqual([0])
    expect(await read(() => dkdLoss(0, 8, 4)(two()))).toEqual([0])
    const gradient = await read(() =>
      tf.grad((x) => tf.sum(nonTargetTerm(1)({ ...two(), student: x })))(tf.tensor2d([[1, -2]])),
    )
    close(gradient, [0, 0], 7)
    const warning = async (spelling: object) => (await decode(spelling)).value.warning!
    expect((await warning({ nkd: {} }))({ members: 1, batch: 1, classes: 2 })).toContain("non-target term 'gamma' is 0")
    expect((await warning({ dkd: {} }))({ members: 1, batch: 1, classes: 2 })).toContain("non-target term 'beta' is 0")
    expect((await warning({ nkd: {} }))({ members: 1, batch: 1, classes: 3 })).toBeUndefined()
    expect((await warning({ nkd: { gamma: 0 } }))({ members: 1, batch: 1, classes: 2 })).toBeUndefined()
  })
})

describe("dkd", () => {
  it("has the two terms of the card, which make KD", async () => {
    const [tckd, nckd] = [await valuesOf(dkdLoss(1, 0, 1)), await valuesOf(dkdLoss(0, 1, 1))]
    close(tckd, [0.07201445, 0.29586623])
    close(nckd, [0.13761785, 0.3431587])
    close(
      await valuesOf(kdLoss(Divergence.kl, 1, 0)),
      tckd.map((v, i) => v + teacherLeaves[i]! * nckd[i]!),
    )
  })
  it("has the means of the card", async () => {
    expect(mean(await valuesOf(dkdLoss(1, 1, 1)))).toBeCloseTo(0.424328607, 6)
    expect(mean(await valuesOf(dkdLoss(1, 8, 4)))).toBeCloseTo(2.5121477, 5)
  })
  it("is the divergences of the algebra on (p_y, 1 - p_y) and on the other classes", async () => {
    const expected = z.map((row, i) => {
      const label = y[i]!
      const pair = (logits: ReadonlyArray<number>) => {
        const p = softmax(logits, 4)[label]!
        return [p, 1 - p]
      }
      const target = Divergence.kl.between(pair(zt[i]!), pair(row))
      return 16 * (target + 8 * Divergence.kl.between(others(zt[i]!, label, 4), others(row, label, 4)))
    })
    close(await valuesOf(dkdLoss(1, 8, 4)), expected, 4)
  })
  it("is 0 with gradient 0 where student and teacher agree, and has rows of gradient that sum to 0", async () => {
    close(await valuesOf(dkdLoss(1, 8, 4), zt), [0, 0])
    close(
      await gradientOf(dkdLoss(1, 8, 4), zt),
      zt.flat().map(() => 0),
    )
    close(sums(await gradientOf(dkdLoss(1, 8, 4))), [0, 0])
  })
})

it.each([nkdLoss(1.5, 1), dkdLoss(1, 8, 4)])("logits of another shape are refused", async (loss) => {
  const three = z.map((row) => row.slice(0, 3))
  for (const [s, t] of [
    [z, [zt[0]!]],
    [z, three],
    [three, three],
  ] as Array<[typeof z, typeof z]>)
    await expect(valuesOf(loss, s, t)).rejects.toThrow(LabelsMismatch)
})

const decode = (spelling: object) => {
  const find = (_: string, name: string) => Effect.succeed(name.endsWith("nkd") ? nkd : dkd)
  return Effect.runPromise(
    Schema.decodeUnknownEffect(Loss.parameter("distillation"))(spelling).pipe(Effect.provideService(Names, { find })),
  )
}

describe("parameters", () => {
  it("have the card's defaults", async () => {
    expect((await decode({ nkd: {} })).parameters).toEqual({ gamma: 1.5, temperature: 1, ceWeight: 1 })
    expect((await decode({ dkd: {} })).parameters).toEqual({ alpha: 1, beta: 8, temperature: 4, ceWeight: 1 })
  })
  it("weigh cross-entropy beside the term", async () => {
    const { value } = await decode({ dkd: { ceWeight: 2 } })
    const term = await valuesOf(dkdLoss(1, 8, 4))
    const ce = await valuesOf(kdLoss(Divergence.kl, 1, 1))
    close(
      await read(() => value(input(z, zt))),
      term.map((v, i) => v + 2 * ce[i]!),
    )
  })
  it.each([
    [{ nkd: { gamma: -1 } }, /greater than or equal to 0/],
    [{ nkd: { temperature: 0 } }, /greater than 0/],
    [{ nkd: { ceWeight: -0.1 } }, /greater than or equal to 0/],
    [{ nkd: { gamma: Number.NaN } }, /finite/],
    [{ dkd: { alpha: -1 } }, /greater than or equal to 0/],
    [{ dkd: { beta: -1 } }, /greater than or equal to 0/],
    [{ dkd: { temperature: -4 } }, /greater than 0/],
  ])("refuse %j", async (spelling, message) => {
    await expect(decode(spelling)).rejects.toThrow(message)
  })
})
