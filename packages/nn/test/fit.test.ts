import { decodeTable, encodeTable } from "@relent/arrow"
import { source } from "@relent/random"
import { Backend, type Tensor, Tensors, tf } from "@relent/tensor"
import { Effect, Fiber, Option } from "effect"
import { describe, expect, it } from "vitest"
import {
  adamStep,
  classificationMetrics,
  crossEntropy,
  entropy,
  expectedCalibrationError,
  fit,
  initAdam,
  logSoftmax,
  Model,
  oneHot,
  predict,
  type Training,
  type TrainingState,
} from "../src/index.ts"

const on = <A, E>(effect: Effect.Effect<A, E, Backend>, layer = Backend.wasm) =>
  Effect.runPromise(
    Effect.provide(
      Backend.use((backend) => backend.run(Tensors.leakFree(effect))),
      layer,
    ),
  )

const rows = 90
const random = source({ seed: 3, stream: "data" })
const labels = Int32Array.from({ length: rows }, (_, i) => i % 3)
const noise = random("x").normals(rows * 4)
const values = Float32Array.from(
  { length: rows * 4 },
  (_, i) => noise[i]! / 2 + (i % 4 === labels[Math.floor(i / 4)] ? 2 : 0),
)
const features = { values, width: 4, scale: 1 }

const training = (more: Partial<Training> = {}): Training => ({
  widths: [4, 8, 3],
  members: 2,
  features,
  steps: 60,
  batch: 30,
  learningRate: 0.02,
  schedule: "cosine",
  weightDecay: 0,
  loss: (logits, batch) => {
    const picked = Int32Array.from(batch.rows, (row) => labels[row]!)
    const [members, size] = logits.shape as [number, number]
    return crossEntropy(oneHot(tf.tensor2d(picked, [members, size], "int32"), 3), logSoftmax(logits))
  },
  random: source({ seed: 1, stream: "fit" }),
  every: 10,
  report: () => Effect.void,
  load: Effect.succeedNone,
  save: () => Effect.void,
  ...more,
})

describe("training", () => {
  it("learns, and leaves no tensor behind, on both backends", async () => {
    for (const layer of [Backend.wasm, Backend.cpu]) {
      const losses: Array<number> = []
      const parameters = await on(
        fit(training({ steps: 200, report: (_, loss) => Effect.sync(() => void losses.push(loss)) })),
        layer,
      )
      expect(losses).toHaveLength(20)
      expect(losses.at(-1)!).toBeLessThan(losses[0]! / 2)
      const model: Model = { kind: "mlp", widths: [4, 8, 3], members: 2, inputScale: 1, parameters }
      const logits = await on(predict(model, features), layer)
      const first = classificationMetrics(logits.subarray(0, rows * 3), labels)
      expect(first.accuracy).toBeGreaterThan(0.9)
    }
  })

  it("cut at a step and resumed gives the same bytes", async () => {
    const whole = await on(fit(training()))
    const saved = new Map<number, TrainingState>()
    const again = await on(fit(training({ save: (step, state) => Effect.sync(() => void saved.set(step, state)) })))
    expect(again).toEqual(whole)
    const resumed = await on(fit(training({ load: Effect.succeed(Option.some({ step: 30, state: saved.get(30)! })) })))
    expect(resumed).toEqual(whole)
  })

  it("interrupted leaves no tensor behind", async () => {
    const before = Tensors.count()
    await Effect.runPromise(
      Effect.gen(function* () {
        const fiber = yield* Effect.forkChild(
          Backend.use((b) => b.run(fit(training({ steps: 100_000 })))).pipe(Effect.provide(Backend.wasm)),
        )
        yield* Effect.sleep(200)
        yield* Fiber.interrupt(fiber)
      }),
    )
    expect(Tensors.count()).toBe(before)
  })

  it("of a member is its own: alone or in company", async () => {
    const together = await on(fit(training()))
    const alone = await on(fit(training({ members: 1 })))
    for (const [path, { values: mine }] of Object.entries(alone))
      mine.forEach((v, i) => expect(together[path]!.values[i]!).toBeCloseTo(v, 4))
    const [first, second] = [
      together["layers/0/weight"]!.values.slice(0, 32),
      together["layers/0/weight"]!.values.slice(32),
    ]
    expect(first).not.toEqual(second)
  })
})

describe("a model", () => {
  it("crosses a table without losing a bit", async () => {
    const parameters = await on(fit(training({ steps: 3 })))
    const model: Model = { kind: "mlp", widths: [4, 8, 3], members: 2, inputScale: 1 / 255, parameters }
    const table = decodeTable(new Uint8Array(Buffer.concat([...encodeTable(Model.encode(model))])))
    expect(await Effect.runPromise(Model.decode(table))).toEqual(model)
  })
})

describe("Adam", () => {
  it("takes the steps of its paper", async () => {
    const rate = 0.1
    const steps = await on(
      Effect.promise(async () => {
        const seen: Array<number> = []
        let tree: { w: Tensor } = { w: tf.tensor1d([1]) }
        let state = initAdam(tree)
        for (const [t, g] of [0.5, -0.25, 1].entries()) {
          const gradient = tf.tensor1d([g])
          const next = tf.tidy(() => {
            const { tree: w, state: s } = adamStep(tree, { w: gradient }, state, t + 1, rate, {
              beta1: 0.9,
              beta2: 0.999,
              epsilon: 1e-8,
              weightDecay: 0.5,
            })
            return [w["w"]!, s.mean["w"]!, s.square["w"]!]
          })
          tf.dispose([tree.w, state.mean["w"]!, state.square["w"]!, gradient])
          tree = { w: next[0]! }
          state = { mean: { w: next[1]! }, square: { w: next[2]! } }
          seen.push((await next[0]!.data())[0]!)
        }
        tf.dispose([tree.w, state.mean["w"]!, state.square["w"]!])
        return seen
      }),
    )
    // The same in float64, by the formula as the paper writes it.
    let [w, m, v] = [1, 0, 0]
    const expected = [0.5, -0.25, 1].map((g, i) => {
      m = 0.9 * m + 0.1 * g
      v = 0.999 * v + 0.001 * g * g
      const step = m / (1 - 0.9 ** (i + 1)) / (Math.sqrt(v / (1 - 0.999 ** (i + 1))) + 1e-8)
      w -= rate * (step + 0.5 * w)
      return w
    })
    steps.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 6))
  })
})

describe("metrics", () => {
  it("of calibration are those of the card", () => {
    expect(expectedCalibrationError([0.95, 0.9, 0.58, 0.55], [true, false, true, false])).toBeCloseTo(0.27, 12)
  })
  it("of a known table", () => {
    const logits = Float32Array.from([
      Math.log(0.7),
      Math.log(0.2),
      Math.log(0.1),
      Math.log(0.25),
      Math.log(0.5),
      Math.log(0.25),
    ])
    const { accuracy, nll, brier } = classificationMetrics(logits, Int32Array.of(0, 2))
    expect(accuracy).toBe(0.5)
    expect(nll).toBeCloseTo(-(Math.log(0.7) + Math.log(0.25)) / 2, 6)
    expect(brier).toBeCloseTo((0.09 + 0.04 + 0.01 + 0.0625 + 0.25 + 0.5625) / 2, 6)
  })
  it("stay finite for logits far apart", () => {
    expect(classificationMetrics(Float32Array.of(-500, 500), Int32Array.of(0)).nll).toBe(1000)
  })
})

describe("cross-entropies", () => {
  it("are finite for logits far apart, and blind to a constant", async () => {
    const found = await on(
      Effect.promise(async () => {
        const out = tf.tidy(() => {
          const z = tf.tensor2d([
            [0, 200, -200],
            [1, 2, 3],
          ])
          const target = tf.tensor2d([
            [0, 1, 0],
            [0.2, 0.3, 0.5],
          ])
          return tf.concat([
            crossEntropy(target, logSoftmax(z)),
            crossEntropy(target, logSoftmax(tf.add(z, 7))),
            entropy(z),
          ])
        })
        const data = await out.data()
        out.dispose()
        return [...data]
      }),
    )
    const z = [1, 2, 3].map((v) => v - Math.log(Math.exp(1) + Math.exp(2) + Math.exp(3)))
    const h = -z.reduce((sum, l) => sum + Math.exp(l) * l, 0)
    const ce = -(0.2 * z[0]! + 0.3 * z[1]! + 0.5 * z[2]!)
    ;[0, ce, 0, ce, 0, h].forEach((v, i) => expect(found[i]!).toBeCloseTo(v, 5))
  })
})
