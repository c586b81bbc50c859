import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import { Backend, type Tensor, Tensors, tf } from "../src/index.ts"

const valuesOf = async (t: Tensor) => {
  const values = Array.from(await t.data())
  t.dispose()
  return values
}

describe.each(["wasm", "cpu", "tensorflow"] as const)("average pooling on %s", (name) => {
  it("has the derivative of its mean, which is over the cells inside the image", async (test) => {
    const pool = (pad: "same" | 1) => (x: Tensor) => tf.sum(tf.avgPool(x as tf.Tensor4D, 2, 2, pad))
    const slopes = Effect.promise(async () => {
      const x = tf.zeros([1, 3, 3, 1])
      const found = (["same", 1] as const).map((pad) => tf.grad(pool(pad))(x))
      x.dispose()
      return Promise.all(found.map(valuesOf))
    })
    const program = Backend.use((backend) => Tensors.leakFree(backend.run(slopes))).pipe(Effect.provide(Backend[name]))
    const exit = await Effect.runPromise(Effect.result(program))
    if (exit._tag === "Failure" && exit.failure._tag === "BackendUnavailable") return test.skip()
    expect(exit._tag === "Success" && exit.success).toEqual([
      [0.25, 0.25, 0.5, 0.25, 0.25, 0.5, 0.5, 0.5, 1],
      [1, 0.5, 0.5, 0.5, 0.25, 0.25, 0.5, 0.25, 0.25],
    ])
  })
})

describe.each(["wasm", "cpu", "tensorflow"] as const)("maximum pooling on %s", (name) => {
  it("gives the whole gradient to the first maximum of a window, row by row", async (test) => {
    const pool = (pad: "valid" | "same") => (x: Tensor) => tf.sum(tf.maxPool(x as tf.Tensor4D, 2, 2, pad))
    const slopes = Effect.promise(async () => {
      const [even, odd] = [tf.zeros([1, 2, 4, 1]), tf.tidy(() => tf.neg(tf.ones([1, 3, 3, 1])))]
      const found = [tf.grad(pool("valid"))(even), tf.grad(pool("same"))(odd)]
      tf.dispose([even, odd])
      return Promise.all(found.map(valuesOf))
    })
    const program = Backend.use((backend) => Tensors.leakFree(backend.run(slopes))).pipe(Effect.provide(Backend[name]))
    const exit = await Effect.runPromise(Effect.result(program))
    if (exit._tag === "Failure" && exit.failure._tag === "BackendUnavailable") return test.skip()
    expect(exit._tag === "Success" && exit.success).toEqual([
      [1, 0, 1, 0, 0, 0, 0, 0],
      [1, 0, 1, 0, 0, 0, 1, 0, 1],
    ])
  })
})
