/** 100 steps of each optimiser, and learning rates over time, as PyTorch has them; tools/parity/optimizers.py writes the numbers. */
import { Owner, type Tensor, tf, type Tree } from "@relent/tensor"
import { relativeError } from "@relent/tensor/testing"
import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import { descend, descentFrom } from "../src/float64.ts"
import * as nn from "../src/index.ts"
import golden from "./golden/optimizers.json" with { type: "json" }
import { on } from "./on.ts"

const [steps, rows, inputs, rate] = [100, 8, 4, 0.02]
const made = (length: number, seed: number, scale = 1) =>
  Float64Array.from({ length }, (_, k) => scale * Math.fround(Math.sin(1.7 * k + seed)))
/** The problem, the mean of (A w + c - b)^2 over the rows: c is the weight of a column of ones. */
const [values, b] = [made(rows * inputs, 0), made(rows, 1, 2)]
const A = Array.from({ length: rows }, (_, r) => [...values.subarray(r * inputs, (r + 1) * inputs), 1])
const start = [...made(inputs, 2), ...made(1, 3)]

const schedules = {
  cosine: nn.cosine,
  "step-decay": nn.stepDecay({ every: 30, factor: 0.5 }),
  drop: nn.drop({ after: 0.7, factor: 0.2 }),
  exponential: nn.exponential({ end: 0.01 }),
  "warm-up": nn.warmUp(20, nn.cosine),
}
it.each(Object.entries(schedules))("the schedule %s", (name, schedule) => {
  const found = Array.from({ length: steps }, (_, t) => schedule(t, steps))
  expect(relativeError(found, golden.factors[name as keyof typeof schedules])).toBeLessThan(1e-12)
})

/** Weights after every tenth step. */
const walk = (optimizer: nn.Optimizer, schedule: nn.Schedule) =>
  Effect.promise(async () => {
    const owner = new Owner()
    const { a, y } = owner.compute(() => ({ a: tf.tensor([A]), y: tf.tensor([...b], [1, rows, 1]) }))
    const gradient = (w: Tensor) => tf.mul(tf.matMul(a, tf.sub(tf.matMul(a, w), y), true), 2 / rows)
    let now = owner.compute(() => {
      const parameters: Tree = { w: tf.tensor(start, [1, inputs + 1, 1]) }
      return { parameters, state: optimizer.init(parameters) }
    })
    const found: Array<number> = []
    for (let step = 1; step <= steps; step++) {
      const rates = optimizer.rates({ step, learningRate: rate * schedule(step - 1, steps) })
      const next = owner.compute(() => {
        const scalars = Object.fromEntries(Object.entries(rates).map(([name, x]) => [name, tf.scalar(x)]))
        return { ...optimizer.update(now.parameters, { w: gradient(now.parameters["w"]!) }, now.state, scalars) }
      })
      tf.dispose([now.parameters, now.state])
      now = next
      if (step % 10 === 0) found.push(...(await (nn.averageIn(now.state)["w"] ?? now.parameters["w"]!).data()))
    }
    owner.close()
    return found
  })

type Name = keyof typeof golden.weights
const momentum = nn.makeSgd({ momentum: 0.9 })
describe("in float32", () => {
  it.each<[Name, nn.Optimizer, nn.Schedule?]>([
    ["sgd", nn.makeSgd()],
    ["sgd with momentum", momentum],
    ["sgd with momentum, nesterov and decay", nn.makeSgd({ momentum: 0.9, nesterov: true, weightDecay: 0.1 })],
    ["adam", nn.makeAdam()],
    ["adam of other averages", nn.makeAdam({ beta1: 0.5, beta2: 0.9, epsilon: 0.01 })],
    ["adam, decay in the gradient", nn.decayed(0.1, nn.makeAdam())],
    ["adamw", nn.makeAdamW()],
    ["adamw of much decay", nn.makeAdamW({ weightDecay: 0.5 })],
    ["adamw, warmed up", nn.makeAdamW(), schedules["warm-up"]],
    ["sgd with momentum, cosine", momentum, nn.cosine],
    // PyTorch divides by |g| + 1e-6: at most 2e-6 of a clipped gradient
    ["sgd, clipped", nn.clipped(0.5, momentum)],
    ["sgd, averaged", nn.averaged(0.9, nn.makeSgd())],
  ])("%s", async (name, optimizer, schedule = nn.constant) => {
    expect(relativeError(await on(walk(optimizer, schedule)), golden.weights[name])).toBeLessThan(2e-5)
  })
})

describe("in float64", () => {
  const dot = (x: ReadonlyArray<number>, at: Float64Array) => x.reduce((sum, v, i) => sum + v * at[i]!, 0)
  const gradient = (at: Float64Array) => {
    const off = A.map((row, r) => dot(row, at) - b[r]!)
    return at.map((_, i) => (2 / rows) * off.reduce((sum, e, r) => sum + e * A[r]![i]!, 0))
  }
  it.each<[Name, object]>([
    ["adam, float64", {}],
    ["adam of other averages, float64", { beta1: 0.5, beta2: 0.9 }],
  ])("%s", (name, decay) => {
    let now = descentFrom(Float64Array.from(start))
    const found: Array<number> = []
    for (let step = 1; step <= steps; step++) {
      now = descend(now, gradient(now.parameters), { step, learningRate: rate, ...decay })
      if (step % 10 === 0) found.push(...now.parameters)
    }
    expect(relativeError(found, golden.weights[name])).toBeLessThan(1e-12)
  })
})
