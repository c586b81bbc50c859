/** Oracles of the loss, its limits, and what it refuses. */
import { LogitsMismatch } from "@relent/divergence/tensor"
import { Names } from "@relent/named"
import { tf } from "@relent/tensor"
import { Effect, Schema } from "effect"
import { describe, expect, it } from "vitest"
import { balancedKl, bdKd, bdKdLoss, type BdKdOptions } from "../src/loss/bd-kd.ts"
import { gateOf } from "../src/loss/gate.ts"
import { type DistillationLoss, Loss } from "../src/loss/loss.ts"
import { close, gradientOf, input, read, valuesOf, z, zt } from "./fixture.ts"

const defaults: BdKdOptions = {
  gate: "entropy",
  heavyWeight: 2,
  lightWeight: 1,
  normaliseWeights: false,
  temperature: 1,
  entropyTemperature: 1,
  studentWeight: 1,
}
const at4 = { temperature: 4 }
/** The divergences alone, with the factor t^2. */
const term = (options: Partial<BdKdOptions> = {}): DistillationLoss => {
  const given = { ...defaults, ...options }
  return ({ student, teacher }) =>
    tf.mul(balancedKl({ ...given, gate: gateOf(given) }, teacher, student), given.temperature ** 2)
}
const forward = (options: Partial<BdKdOptions> = {}) => term({ gate: "forward", normaliseWeights: true, ...options })
const reverse = (options: Partial<BdKdOptions> = {}) => term({ gate: "reverse", normaliseWeights: true, ...options })
const mean = (values: ReadonlyArray<number>) => values.reduce((a, b) => a + b, 0) / values.length
const zeros = Array.from({ length: 8 }, () => 0)

describe("bd-kd", () => {
  it("has the two divergences of the card", async () => {
    close(await valuesOf(forward()), [0.1210182, 0.6121233], 6)
    close(await valuesOf(reverse()), [0.17643156, 0.62596739], 6)
    close(await valuesOf(forward(at4)), [0.01527749 * 16, 0.03937984 * 16])
    close(await valuesOf(reverse(at4)), [0.01636475 * 16, 0.03888775 * 16])
    expect(mean(await valuesOf(forward(at4)))).toBeCloseTo(0.437258598, 6)
    expect(mean(await valuesOf(reverse(at4)))).toBeCloseTo(0.442019983, 6)
  })
  it("has the balanced term of the card, and cross-entropy beside it", async () => {
    close(await valuesOf(term()), [0.47388131, 1.86405808], 6)
    expect(mean(await valuesOf(term()))).toBeCloseTo(1.16896969, 6)
    expect(mean(await valuesOf(term(at4)))).toBeCloseTo(1.32129857, 6)
    expect(mean(await valuesOf(bdKdLoss({ ...defaults, studentWeight: 0 })))).toBeCloseTo(0.82685559, 6)
    expect(mean(await valuesOf(bdKdLoss({ ...defaults, ...at4, studentWeight: 0.5 })))).toBeCloseTo(
      0.82685559 + 0.5 * 1.32129857,
      6,
    )
  })
  it("has the gradients of the card, which sum to 0", async () => {
    const [f, r, both] = [await gradientOf(forward()), await gradientOf(reverse()), await gradientOf(term())]
    close(f.slice(0, 4), [-0.18886003, 0.03912153, 0.01439201, 0.13534649], 6)
    close(r.slice(0, 4), [-0.23825754, -0.00650833, -0.00239428, 0.24716015], 6)
    for (const gradient of [f, r]) expect(gradient.slice(0, 4).reduce((a, b) => a + b, 0)).toBeCloseTo(0, 6)
    // The gate is constant: the gradient is the weighted sum, (w_F, w_R) = (1, 2) on both rows.
    close(
      both,
      f.map((v, i) => v + 2 * r[i]!),
      6,
    )
  })
  it("swapped, keeps its values and changes its gradient: weight and direction swap together", async () => {
    close(await valuesOf(term(), zt, z), [0.47388131, 1.86405808], 6)
    const [one, other] = [await gradientOf(term(), z, zt), await gradientOf(term(), zt, z)]
    expect(one.some((v, i) => Math.abs(v - other[i]!) > 0.1)).toBe(true)
    // There d < 0 and (w_F, w_R) = (2, 1).
    const [f, r] = [await gradientOf(forward(), zt, z), await gradientOf(reverse(), zt, z)]
    close(
      other,
      f.map((v, i) => 2 * v + r[i]!),
      6,
    )
  })
  it("is Jeffreys' divergence with equal weights, whatever the gate", async () => {
    const jeffreys = [0.1210182 + 0.17643156, 0.6121233 + 0.62596739]
    for (const gate of ["entropy", "inverted", "none"] as const)
      close(await valuesOf(term({ gate, heavyWeight: 1 })), jeffreys, 6)
  })
  it("with a light weight of 0 is one direction: forward where the student is surer, else reverse", async () => {
    const only = term({ lightWeight: 0 })
    close(
      await valuesOf(only, zt, z),
      (await valuesOf(forward(), zt, z)).map((v) => 2 * v),
      6,
    )
    close(
      await valuesOf(only),
      (await valuesOf(reverse())).map((v) => 2 * v),
      6,
    )
    close(
      await valuesOf(term({ lightWeight: 0, gate: "inverted" })),
      (await valuesOf(forward())).map((v) => 2 * v),
      6,
    )
  })
  it("keeps the total weight under every control, and 1 when normalised", async () => {
    const options = ["entropy", "inverted", "none", "forward", "reverse"] as const
    for (const gate of options)
      for (const [normaliseWeights, total] of [
        [false, 3],
        [true, 1],
      ] as const)
        for (const [f, r] of gateOf({ ...defaults, gate, normaliseWeights })) expect(f + r).toBeCloseTo(total, 12)
    close(await valuesOf(term({ normaliseWeights: true })), [0.47388131 / 3, 1.86405808 / 3], 6)
  })
  it("compares entropies at their own temperature", async () => {
    // The student is surer at t_H = 1 (0.12 against 0.37 nats), the teacher, whose tail is deeper, at t_H = 20.
    const [student, teacher] = [[[5, 0, 0, 0]], [[4, 2, -9, -9]]]
    const values = (loss: DistillationLoss) => valuesOf(loss, student, teacher)
    const [f, r] = [await values(forward()), await values(reverse())]
    close(await values(term({ lightWeight: 0 })), [2 * f[0]!], 6)
    close(await values(term({ lightWeight: 0, entropyTemperature: 20 })), [2 * r[0]!], 6)
  })
  it("of equal logits is 0 with gradient 0: a tie goes to the reverse branch", async () => {
    close(await valuesOf(term(at4), zt), [0, 0], 6)
    close(await gradientOf(term(at4), zt), zeros, 6)
    // The same probabilities at other classes: d is exactly 0, and the two directions differ.
    const [one, moved] = [[[2, 1, -400, -400]], [[-400, 2, 1, -400]]]
    const [f, r] = [await valuesOf(forward(), one, moved), await valuesOf(reverse(), one, moved)]
    expect(Math.abs(f[0]! - r[0]!)).toBeGreaterThan(100)
    close(await valuesOf(term(), one, moved), [f[0]! + 2 * r[0]!], 3)
  })
  it("is blind to constants added to rows of student or teacher", async () => {
    const moved = (rows: typeof z) => rows.map((row, i) => row.map((v) => v + 7 * (i + 1)))
    for (const [s, t] of [
      [moved(z), zt],
      [z, moved(zt)],
    ] as const) {
      close(await valuesOf(term(at4), s, t), await valuesOf(term(at4)), 5)
      close(await gradientOf(term(at4), s, t), await gradientOf(term(at4)), 5)
    }
  })
  it("has no gradient by the teacher, through the divergences or the gate", async () => {
    const loss = bdKdLoss({ ...defaults, ...at4 })
    const { student, teacher, oneHot } = { student: z, teacher: zt, oneHot: zt }
    // A teacher on the tape beside the student: its gradient is that of the other addend alone.
    const gradient = await read(() => {
      const [s, y] = [tf.tensor2d(student), tf.tensor2d(oneHot)]
      return tf.grad((t) => tf.add(tf.sum(loss({ student: s, teacher: t, oneHot: y })), tf.sum(t)))(
        tf.tensor2d(teacher),
      )
    })
    close(
      gradient,
      zeros.map(() => 1),
      7,
    )
  })
  it("stays finite far apart, with one-hot students, and where probabilities underflow", async () => {
    const cases: ReadonlyArray<readonly [typeof z, typeof z]> = [
      [[[300, -300, 0, 0]], [[-300, 300, 0, 0]]],
      [[[200, 0, 0, 0]], [[0, 200, 0, 0]]],
      [[[200, 0, 0, 0]], [[200, 0, 0, 0]]],
      [[[0, 0, 0, 0]], [[1e4, 0, 0, 0]]],
    ]
    for (const [s, t] of cases)
      for (const gate of ["entropy", "inverted", "forward", "reverse"] as const) {
        const values = [...(await valuesOf(term({ gate }), s, t)), ...(await gradientOf(term({ gate }), s, t))]
        expect(values.every(Number.isFinite)).toBe(true)
      }
    // One-hot on the wrong class: 200 nats, and no gradient of the reverse direction to leave by.
    const [s, t] = cases[1]!
    close(await valuesOf(reverse(), s, t), [200], 3)
    close(await gradientOf(reverse(), s, t), [0, 0, 0, 0], 6)
  })
  it("refuses logits of another shape", async () => {
    const three = [
      [1, 2, 3],
      [1, 2, 3],
    ]
    for (const teacher of [three, [zt[0]!]]) await expect(valuesOf(term(), z, teacher)).rejects.toThrow(LogitsMismatch)
  })
})

describe("parameters of bd-kd", () => {
  const decode = (given: object) =>
    Effect.runPromise(
      Schema.decodeUnknownEffect(Loss.parameter("distillation"))({ "bd-kd": given }, { errors: "all" }).pipe(
        Effect.provideService(Names, { find: () => Effect.succeed(bdKd) }),
      ),
    )
  it("have the card's defaults", async () => {
    expect((await decode({})).parameters).toEqual({ ...defaults, temperature: 4 })
    const { value } = await decode({})
    expect(await read(() => value(input(z, zt)))).toEqual(await valuesOf(bdKdLoss({ ...defaults, temperature: 4 })))
  })
  it.each([
    [{ temperature: 0 }, /greater than 0[\s\S]*\["temperature"\]/],
    [{ entropyTemperature: -1 }, /greater than 0[\s\S]*\["entropyTemperature"\]/],
    [{ heavyWeight: 0, lightWeight: 0 }, /greater than 0[\s\S]*\["heavyWeight"\]/],
    [{ lightWeight: -1 }, /greater than or equal to 0[\s\S]*\["lightWeight"\]/],
    [{ studentWeight: -1 }, /greater than or equal to 0[\s\S]*\["studentWeight"\]/],
    [{ heavyWeight: 1, lightWeight: 2 }, /at most heavyWeight, which is 1; got 2[\s\S]*\["lightWeight"\]/],
    [{ gate: "backward" }, /"forward"[\s\S]*\["gate"\]/],
    [{ temperature: Number.NaN }, /finite[\s\S]*\["temperature"\]/],
  ])("refuse %j with the place", async (given, message) => {
    await expect(decode(given)).rejects.toThrow(message)
  })
})
