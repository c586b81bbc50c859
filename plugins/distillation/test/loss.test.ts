/** Oracles of the cards, and what every loss must keep. */
import { Divergence } from "@relent/divergence"
import { Names } from "@relent/named"
import { Effect, Layer, Schema } from "effect"
import { describe, expect, it } from "vitest"
import { losses } from "../src/loss/index.ts"
import { kdLoss } from "../src/loss/kd.ts"
import { type DistillationLoss, Loss } from "../src/loss/loss.ts"
import { nkdLoss } from "../src/loss/nkd.ts"
import { close, gradientOf, valuesOf, z, zt } from "./fixture.ts"

describe("kd", () => {
  it("is temperature squared times the divergence of the card", async () => {
    close(await valuesOf(kdLoss(Divergence.kl, 1, 0)), [0.1210182, 0.6121233])
    close(await valuesOf(kdLoss(Divergence.kl, 4, 0)), [0.01527749 * 16, 0.03937984 * 16])
    const [a, b] = await valuesOf(kdLoss(Divergence.kl, 1, 1))
    expect((a! + b!) / 2).toBeCloseTo(0.82685559, 6)
  })
  it("has the gradient of the card", async () => {
    close(
      (await gradientOf(kdLoss(Divergence.kl, 1, 0))).slice(0, 4),
      [-0.18886003, 0.03912153, 0.01439201, 0.13534649],
    )
  })
  it("is 0 with gradient 0 where student and teacher agree", async () => {
    close(await valuesOf(kdLoss(Divergence.kl, 4, 0), zt), [0, 0])
    close(
      await gradientOf(kdLoss(Divergence.kl, 4, 0), zt),
      Array.from({ length: 8 }, () => 0),
    )
  })
})

describe("kd in any divergence", () => {
  const softmax = (row: ReadonlyArray<number>) => {
    const e = row.map(Math.exp)
    const total = e.reduce((a, b) => a + b, 0)
    return e.map((v) => v / total)
  }
  it("has the other direction of the card", async () => {
    close(await valuesOf(kdLoss(Divergence.reverseKl, 1, 0)), [0.17643156, 0.62596739])
    const gradient = await gradientOf(kdLoss(Divergence.reverseKl, 1, 0))
    close(gradient.slice(0, 4), [-0.23825754, -0.00650833, -0.00239428, 0.24716015])
  })
  it("means by a name the integral that the algebra means, on an asymmetric pair", async () => {
    const integrals: Readonly<Record<string, (t: number, m: number) => number>> = {
      kl: (t, m) => t * (Math.log(t) - Math.log(m)),
      reverseKl: (t, m) => m * (Math.log(m) - Math.log(t)),
      pearsonChi2: (t, m) => (t - m) ** 2 / m,
    }
    for (const [name, term] of Object.entries(integrals)) {
      const divergence = Divergence[name as "kl"]
      const expected = z.map((row, i) => {
        const [t, m] = [softmax(zt[i]!), softmax(row)]
        expect(divergence.between(t, m)).toBeCloseTo(
          t.reduce((sum, v, c) => sum + term(v, m[c]!), 0),
          10,
        )
        return divergence.between(t, m)
      })
      close(await valuesOf(kdLoss(divergence, 1, 0)), expected)
    }
  })
})

describe("nkd", () => {
  it("has the values of the card", async () => {
    const mean = async (loss: DistillationLoss) => (await valuesOf(loss)).reduce((a, b) => a + b, 0) / 2
    close(await valuesOf(nkdLoss(0, 1)), [0.5069786, 0.06791851])
    close(await valuesOf(nkdLoss(1.5, 1)), [0.5069786 + 1.5 * 0.97001343, 0.06791851 + 1.5 * 1.24911795])
    expect(await mean(nkdLoss(1.5, 1))).toBeCloseTo(1.95179709, 5)
    expect(await mean(nkdLoss(3.5, 3))).toBeCloseTo(34.9628172, 4)
  })
  it("has the gradient of the card", async () => {
    const expected = [
      -0.35089835, -0.06041771, -0.02222643, 0.4335425, 0.26853847, -0.56955419, -0.04543142, 0.34644714,
    ]
    close(await gradientOf(nkdLoss(1.5, 1)), expected)
  })
})

describe.each(losses.map((loss) => [loss.name, loss] as const))("%s", (name, member) => {
  const names = Layer.succeed(Names, { find: () => Effect.succeed(member) })
  const made = Effect.runPromise(
    Schema.decodeUnknownEffect(Loss.parameter("distillation"))(name).pipe(Effect.provide(names)),
  ).then((loss) => loss.value)
  const moved = (by: (row: number, column: number) => number) => z.map((row, r) => row.map((v, c) => v + by(r, c)))

  it("is blind to a constant added to the logits of a row", async () => {
    const loss = await made
    close(
      await valuesOf(
        loss,
        moved((r) => 5 * (r + 1)),
      ),
      await valuesOf(loss),
      4,
    )
  })
  it("has the gradient that differences give", async () => {
    const loss = await made
    const gradient = await gradientOf(loss)
    const step = 1e-2
    for (const [r, c] of [
      [0, 0],
      [0, 3],
      [1, 2],
    ] as const) {
      const at = (by: number) =>
        valuesOf(
          loss,
          moved((row, column) => (row === r && column === c ? by : 0)),
        )
      const [up, down] = [await at(step), await at(-step)]
      // of the sum: a row's loss may depend on the other rows
      const slope = up.reduce((sum, v, i) => sum + v - down[i]!, 0) / (2 * step)
      expect(gradient[r * 4 + c]!).toBeCloseTo(slope, 2)
    }
  })
  it("stays finite for logits far apart", async () => {
    const far = [
      [300, -300, 0, 0],
      [0, 200, -200, 0],
    ]
    expect((await valuesOf(await made, far)).every(Number.isFinite)).toBe(true)
  })
})
