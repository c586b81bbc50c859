/** Optimal transport on tensors: the card's figures and gradient, both domains, all gradients against differences in float64. */
import { type Tensor, tf } from "@relent/tensor"
import { forbidPromotion } from "@relent/tensor/testing"
import { describe, expect, it } from "vitest"
import { type GroundCost, groundCost, NoTransport, sinkhorn } from "../src/index.ts"
import * as tensor from "../src/tensor/index.ts"
import { differences } from "./differences.ts"
import { backends, read } from "./read.ts"
import { golden, groundCosts, made, softened, zs, zt } from "./transport-problems.ts"

forbidPromotion()

const close = (found: ReadonlyArray<number>, expected: ArrayLike<number>, digits = 5) => {
  expect(found).toHaveLength(expected.length)
  Array.from(expected).forEach((v, i) => expect(found[i]!).toBeCloseTo(v, digits))
}
const cost = groundCost(softened(zs), softened(zt))
const at20 = { epsilon: 0.1, iterations: 20 } as const
const sum = (plan: Tensor, cost: Tensor) => tf.sum(tf.mul(plan, cost))
const probabilities = (logits: Tensor) => tf.softmax(tf.div(logits, 2))

describe.each(backends)("on %s", (_, layer) => {
  it.each(["log", "kernel"] as const)("the plan of the card, by %s", async (domain) => {
    const { plan, error } = await read(layer, () => {
      const plan = tensor.sinkhornPlan(tf.tensor2d([...cost], [3, 3]), { ...at20, domain })
      return { plan, error: tensor.marginalError(plan) }
    })
    const exact = sinkhorn({ cost, size: [3, 3] }, { ...at20, tolerance: 0 })
    close(plan, exact.plan, 6)
    close(error, [exact.marginalError], 6)
  })
  it("the unrolled gradient of the card by logits", async () => {
    const of = (domain: "log" | "kernel") =>
      tf.grad((z) => {
        const w = tensor.groundCost(probabilities(z), probabilities(tf.tensor2d(zt)))
        return tf.mul(sum(tensor.sinkhornPlan(w, { ...at20, domain }), w), 3)
      })(tf.tensor2d(zs))
    const { log, kernel } = await read(layer, () => ({ log: of("log"), kernel: of("kernel") }))
    const card = [
      -0.29832724, 0.19584519, 0.10248204, 0.24936384, -0.07259478, -0.17676906, -0.12346192, 0.07437718, 0.04908474,
    ]
    close(log, card)
    close(kernel, card)
    for (const row of [0, 3, 6]) expect(log.slice(row, row + 3).reduce((a, b) => a + b, 0)).toBeCloseTo(0, 6)
  })
  it("gradients of a plan: unrolled as the iterates, implicit as the optimum, envelope none", async () => {
    const [n, m, epsilon] = [3, 4, 0.5]
    const [w, weights] = [made(n * m, 2).map(Math.abs), made(n * m, 7)]
    const of = (iterations: number, gradient: tensor.PlanGradient) =>
      tf.grad((w) => sum(tensor.sinkhornPlan(w, { epsilon, iterations, gradient }), tf.tensor2d(weights, [n, m])))(
        tf.tensor2d(w, [n, m]),
      )
    const { unrolled, implicit } = await read(layer, () => ({
      unrolled: of(3, "unrolled"),
      implicit: of(60, "implicit"),
    }))
    const exact = (iterations: number) =>
      differences(w, (cost) =>
        sinkhorn({ cost, size: [n, m] }, { epsilon, iterations, tolerance: 0 }).plan.reduce(
          (total, p, i) => total + p * weights[i]!,
          0,
        ),
      )
    close(unrolled, exact(3))
    close(implicit, exact(200))
    expect(unrolled.some((v, i) => Math.abs(v - implicit[i]!) > 1e-4)).toBe(true)
    const { envelope } = await read(layer, () => {
      const costs = tf.tensor2d(w, [n, m])
      return { envelope: tf.grad((w) => sum(tensor.sinkhornPlan(w, { ...at20, gradient: "envelope" }), w))(costs) }
    })
    close(envelope, sinkhorn({ cost: w, size: [n, m] }, { ...at20, tolerance: 0 }).plan)
  })
  it.each(golden.divergence)(
    "the divergence by $cost, with ott-jax's gradient",
    async ({ cost, epsilon, value, gradient }) => {
      const found = await read(layer, () => {
        const y = tf.tensor2d(made(16, 5), [8, 2])
        const { value, grad } = tf.valueAndGrad((x) =>
          tensor.sinkhornDivergence(x, y, { ...groundCosts[cost], epsilon, iterations: 200 }),
        )(tf.tensor2d(made(12, 3), [6, 2]))
        return { value, grad }
      })
      close(found.value, [value])
      close(found.grad, gradient, 4)
    },
  )
  it("members lie along leading axes", async () => {
    const both = [...cost, ...made(9, 3).map(Math.abs)]
    const { together, alone, value } = await read(layer, () => ({
      together: tensor.sinkhornPlan(tf.tensor3d(both, [2, 3, 3]), at20),
      alone: tensor.sinkhornPlan(tf.tensor2d(both.slice(9), [3, 3]), at20),
      value: tensor.entropicCost(tf.tensor3d(both, [2, 3, 3]), { epsilon: 0.1, iterations: 200 }),
    }))
    close(together.slice(9), alone, 7)
    close(
      value,
      [both.slice(0, 9), both.slice(9)].map((cost) => sinkhorn({ cost, size: [3, 3] }, { epsilon: 0.1 }).value),
    )
  })
  it("stays finite at a small epsilon, where the kernel would vanish", async () => {
    const { plan, gradient } = await read(layer, () => {
      const w = tf.tensor2d([...cost], [3, 3])
      const options = { epsilon: 0.002, iterations: 20 }
      return {
        plan: tensor.sinkhornPlan(w, options),
        gradient: tf.grad((w) => sum(tensor.sinkhornPlan(w, options), w))(w),
      }
    })
    close(
      plan.map((v) => 3 * v),
      [1, 0, 0, 0, 0, 1, 0, 1, 0],
      4,
    )
    expect(gradient.every(Number.isFinite)).toBe(true)
    expect([tensor.kernelHolds(2, 0.025), tensor.kernelHolds(2, 0.02)]).toEqual([true, false])
  })
  it("ground costs and their gradients, which are 0 at equal points", async () => {
    const [x, y, weights] = [made(6, 1), made(8, 2), made(12, 3)]
    const options: ReadonlyArray<GroundCost> = [{}, { norm: 2 }, { norm: 2, power: 2 }, { norm: 3, power: 0.5 }]
    for (const option of options) {
      const { value, byX, byY, equal } = await read(layer, () => {
        const weighted = (x: Tensor, y: Tensor) => sum(tensor.groundCost(x, y, option), tf.tensor2d(weights, [3, 4]))
        const [tx, ty] = [tf.tensor2d(x, [3, 2]), tf.tensor2d(y, [4, 2])]
        const [byX, byY] = tf.grads(weighted)([tx, ty]) as [Tensor, Tensor]
        const equal = tf.grad((z) => tf.sum(tensor.groundCost(z, tf.tensor2d([1, 1], [1, 2]), option)))
        return { value: weighted(tx, ty), byX, byY, equal: equal(tf.tensor2d([1, 1], [1, 2])) }
      })
      const exact = (x: ReadonlyArray<number>, y: ReadonlyArray<number>) =>
        groundCost({ values: x, dimension: 2 }, { values: y, dimension: 2 }, option).reduce(
          (total, c, i) => total + c * weights[i]!,
          0,
        )
      close(value, [exact(x, y)])
      close(
        byX,
        differences(x, (x) => exact(x, y)),
        4,
      )
      close(
        byY,
        differences(y, (y) => exact(x, y)),
        4,
      )
      close(equal, [0, 0], 7)
    }
  })
})

describe("bad input", () => {
  const [, layer] = backends[1]
  it.each<readonly [string, () => Tensor]>([
    ["epsilon: it is a finite number above 0", () => tensor.sinkhornPlan(tf.ones([2, 2]), { ...at20, epsilon: 0 })],
    ["iterations: it is a whole number", () => tensor.sinkhornPlan(tf.ones([2, 2]), { ...at20, iterations: 0.5 })],
    ["its shape is [0, 2]", () => tensor.sinkhornPlan(tf.zeros([0, 2]), at20)],
    ["its shape is [2]", () => tensor.entropicCost(tf.ones([2]), at20)],
    ["norm: p of a norm", () => tensor.groundCost(tf.ones([2, 2]), tf.ones([2, 2]), { norm: 0 })],
  ])("%s", async (message, act) => {
    const caught: Array<unknown> = []
    await read(layer, () => {
      try {
        act()
      } catch (error) {
        caught.push(error)
      }
      return {}
    })
    expect(caught[0]).toBeInstanceOf(NoTransport)
    expect((caught[0] as Error).message).toContain(message)
  })
})
