/** Recorded steps do what eager ones do. On `tensorflow`, where they differ, as far as it is installed: `RELENT_BACKEND=tensorflow`. */
import { type Parameters, tensorValue } from "@relent/arrow"
import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import {
  adamStep,
  Backend,
  Eager,
  record,
  type Step,
  StepInvalid,
  type Tensor,
  Tensors,
  tf,
  type Tree,
} from "../src/index.ts"
import { testBackend } from "../src/testing.ts"

const numbers = (values: ReadonlyArray<number>, shape: ReadonlyArray<number> = [values.length]) =>
  tensorValue("float32", Float32Array.from(values), shape)
const read = async (tensors: Tree) =>
  Object.fromEntries(
    await Promise.all(Object.entries(tensors).map(async ([name, t]) => [name, [...(await t.data())]] as const)),
  )
const plain = (state: Parameters) =>
  Object.fromEntries(Object.entries(state).map(([path, { values }]) => [path, [...(values as Float32Array)]]))

/** Outputs of each run, and the state at the end. */
const runs = (start: () => Tree, step: Step, inputs: ReadonlyArray<Parameters>, eager = false) =>
  Effect.gen(function* () {
    const { run, read: state } = yield* record({ start, steps: { step } })
    const outputs: Array<Record<string, ReadonlyArray<number>>> = []
    for (const given of inputs) {
      const made = yield* run("step", given)
      outputs.push(yield* Effect.promise(() => read(made)))
      tf.dispose(made)
    }
    return { outputs, state: plain(yield* state) }
  }).pipe(Effect.scoped, alone(eager))

const alone =
  (eager = false) =>
  <A, E>(effect: Effect.Effect<A, E, Backend>) =>
    Effect.runPromise(
      Backend.use((b) => b.run(Tensors.leakFree(effect))).pipe(
        Effect.provide(testBackend),
        Effect.provideService(Eager, eager),
      ),
    )

const both = async (start: () => Tree, step: Step, inputs: ReadonlyArray<Parameters>) => {
  const recorded = await runs(start, step, inputs)
  expect(await runs(start, step, inputs, true)).toEqual(recorded)
  return recorded
}

describe("a recorded step", () => {
  it("changes its state and sees its inputs, whatever their shape", async () => {
    const step: Step = ({ sum, count }, { x, rate }) => {
      const next = tf.add(sum!, tf.mul(tf.sum(x!), rate!))
      return {
        state: { sum: next, count: tf.add(count!, 1) },
        outputs: { next, mean: tf.div(next, tf.add(count!, 1)) },
      }
    }
    const start = () => ({ sum: tf.scalar(1), count: tf.scalar(0) })
    const rate = numbers([0.5], [])
    const x = [[1, 3], [2, 2, 2], [4], [0, 2]]
    const { outputs, state } = await both(
      start,
      step,
      x.map((values) => ({ x: numbers(values), rate })),
    )
    expect(outputs.map(({ next }) => next)).toEqual([[3], [6], [8], [9]])
    expect(outputs.map(({ mean }) => mean)).toEqual([[3], [3], [8 / 3].map(Math.fround), [2.25]])
    expect(state).toEqual({ sum: [9], count: [4] })
  })

  it.each([1, 2, 3])(
    "trains: gradients, and Adam in place %d times, bit for bit as without recording",
    async (times) => {
      const w = Float32Array.from({ length: 12 }, (_, i) => Math.fround(Math.sin(i)))
      const zeros = () => tf.zeros([4, 3])
      const loss = (w: Tensor, x: Tensor) => tf.sum(tf.square(tf.tanh(tf.matMul(x, w as tf.Tensor2D))))
      const update = (state: Tree, { x, rate, epsilon, decay }: Tree) => {
        const { value, grads } = tf.valueAndGrads((...ws: ReadonlyArray<Tensor>) => loss(ws[0]!, x!))([state["w"]!])
        const given = { weight: state["w"]!, mean: state["m"]!, square: state["v"]!, gradient: grads[0]! }
        const next = adamStep({ ...given, rate: rate!, epsilon: epsilon!, decay: decay! }, { beta1: 0.9, beta2: 0.99 })
        return { state: { w: next.weight, m: next.mean, v: next.square }, value }
      }
      const step: Step = (state, inputs) => {
        let next: { readonly state: Tree; readonly value?: Tensor } = { state }
        for (let i = 0; i < times; i++) next = update(next.state, inputs)
        const { w } = next.state
        const average = tf.add(tf.mul(state["average"]!, 0.5), tf.mul(w!, 0.5))
        return { state: { ...next.state, average }, outputs: { value: next.value!, w: w! } }
      }
      const start = () => {
        const weight = tf.tensor2d(w, [4, 3])
        return { w: weight, m: zeros(), v: zeros(), average: tf.clone(weight) } // two of the state share their values
      }
      const inputs = Array.from({ length: 20 }, (_, i) => ({
        x: numbers(
          Array.from({ length: 8 }, (_, k) => Math.cos(i + k)),
          [2, 4],
        ),
        rate: numbers([0.1 / (i + 1)], []),
        epsilon: numbers([1e-8], []),
        decay: numbers([0.99], []),
      }))
      const { outputs, state } = await both(start, step, inputs)
      expect(outputs.at(-1)!["value"]![0]).toBeLessThan(outputs[0]!["value"]![0]!)
      expect(state["w"]).toEqual(outputs.at(-1)!["w"])
      expect(state["average"]).not.toEqual(state["w"])
    },
  )

  it("sees images through windows, and keeps what a cast shares", async () => {
    const step: Step = ({ w }, { x }) => {
      const [image, filter] = [x as tf.Tensor4D, w as tf.Tensor4D]
      const seen = (f: Tensor) => tf.maxPool(tf.conv2d(image, f as tf.Tensor4D, 1, "same"), 2, 2, "valid")
      const y = tf.conv2d(image, filter, 1, "same")
      const above = tf.sub(seen(filter), tf.avgPool(y, 2, 2, "valid"))
      const slopes = tf.grad((f: Tensor) => tf.sum(seen(f)))(filter)
      return {
        state: { w: tf.add(filter, tf.sign(slopes)), before: tf.cast(filter, "float32") }, // the numbers of the old state
        outputs: {
          w: tf.add(filter, 0),
          each: tf.clipByValue(tf.depthwiseConv2d(y, tf.ones([2, 2, 2, 1]), 1, "same"), -20, 20),
          above,
          there: tf.cast(tf.cast(above, "bool"), "float32"),
        },
      }
    }
    const start = () => ({
      w: tf.tensor4d(
        Float32Array.from({ length: 18 }, (_, i) => (i % 5) - 2),
        [3, 3, 1, 2],
      ),
      before: tf.zeros([3, 3, 1, 2]),
    })
    const inputs = [1, 2, 3, 4].map((seed) => ({
      x: numbers(
        Array.from({ length: 72 }, (_, i) => ((i * seed) % 7) - 3),
        [2, 6, 6, 1],
      ),
    }))
    const { outputs, state } = await both(start, step, inputs)
    expect(state["before"]).toEqual(outputs.at(-1)!["w"])
    expect(state["w"]).not.toEqual(state["before"])
    for (const { above, there } of outputs) expect(there).toEqual(above!.map((v) => (v === 0 ? 0 : 1)))
  })

  it("takes Adam's step on what is no state, bit for bit as without recording", async () => {
    const rates = { beta1: 0.9, beta2: 0.99 }
    const step: Step = ({ w, m }, { x, rate, epsilon, decay }) => {
      const given = { gradient: tf.sub(w!, x!), rate: rate!, epsilon: epsilon! }
      const inner = adamStep({ ...given, weight: tf.mul(w!, 2), mean: m!, square: tf.square(x!), decay: decay! }, rates)
      const { weight } = adamStep({ ...given, ...inner }, rates)
      const other = adamStep({ ...given, weight: w!, mean: m!, square: tf.square(x!) }, rates) // from what has changed since
      const outputs = { square: inner.square, other: other.weight, mean: other.mean }
      return { state: { w: weight, m: tf.neg(inner.mean) }, outputs }
    }
    const scalars = { rate: numbers([0.1], []), epsilon: numbers([1e-8], []), decay: numbers([0.99], []) }
    const inputs = [1, 2, 3, 4].map((i) => ({ x: numbers([i, -i, 0.5]), ...scalars }))
    await both(() => ({ w: tf.tensor1d([1, 2, 3]), m: tf.tensor1d([0, 0.1, 0]) }), step, inputs)
  })

  it("several steps share a state; a part that a step leaves alone stays", async () => {
    const program = Effect.gen(function* () {
      const { run, read: state } = yield* record({
        start: () => ({ a: tf.scalar(1), b: tf.scalar(10) }),
        steps: {
          double: ({ a, b }) => ({ state: { a: tf.mul(a!, 2), b: b! }, outputs: {} }),
          swap: ({ a, b }) => ({ state: { a: b!, b: a! }, outputs: { a: a! } }),
        },
      })
      yield* run("double", {})
      const { a } = yield* run("swap", {})
      const seen = yield* Effect.promise(() => a!.data())
      a!.dispose()
      yield* run("double", {})
      return { seen: [...seen], state: plain(yield* state) }
    })
    for (const eager of [false, true])
      expect(await alone(eager)(Effect.scoped(program))).toEqual({ seen: [2], state: { a: [20], b: [2] } })
  })

  it("takes a tensor from outside as a constant, also when it is gone later", async () => {
    const program = Effect.gen(function* () {
      const outside = tf.tensor1d([1, 2])
      const kept = yield* Effect.promise(() => outside.data())
      const { run } = yield* record({
        start: () => ({}),
        steps: { step: (_, { x }) => ({ state: {}, outputs: { y: tf.add(outside, x!) } }) },
      })
      const once = yield* run("step", { x: numbers([1, 1]) })
      const found = [...(yield* Effect.promise(() => once["y"]!.data()))]
      tf.dispose([once, outside])
      return [[...kept], found]
    })
    expect(await alone()(Effect.scoped(program))).toEqual([
      [1, 2],
      [2, 3],
    ])
  })

  it.each([
    ["reads a value", () => ({ state: {}, outputs: { y: tf.scalar(tf.scalar(3).dataSync()[0]!) } }), "dataSync()"],
    ["asks for one later", () => (void tf.scalar(1).data(), { state: {}, outputs: {} }), "data()"],
    ["gives more state than it has", () => ({ state: { more: tf.scalar(1) }, outputs: {} }), "more: float32[] is new"],
  ] as const)("that %s is a typed error", async (_, step, words) => {
    const program = Effect.gen(function* () {
      const { run } = yield* record({ start: () => ({}), steps: { step } })
      return yield* run("step", {})
    })
    const error = await alone()(
      Effect.flip(
        Effect.flatMap(Backend, (b) => b.run(Effect.scoped(program))) as Effect.Effect<unknown, StepInvalid, Backend>,
      ),
    )
    expect(error).toBeInstanceOf(StepInvalid)
    expect(error.message).toContain(words)
    expect(error.hint).not.toBe("")
  })

  it("of a state of another shape is refused, and the tensors are given back", async () => {
    const step: Step = ({ w }) => ({ state: { w: tf.concat([w!, w!]) }, outputs: {} })
    const program = Effect.gen(function* () {
      const { run } = yield* record({ start: () => ({ w: tf.ones([2]) }), steps: { step } })
      return yield* run("step", {})
    })
    const error = await alone()(Effect.flip(Backend.use((b) => b.run(Effect.scoped(program)))))
    expect((error as StepInvalid).message).toBe("the step 'step' gives a state of another layout: w: float32[4] is new")
  })
})
