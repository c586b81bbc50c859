import { describe, expect, it } from "vitest"
import { tf } from "../../src/index.ts"
import { once } from "./property.ts"

describe("what changes no number, on wasm", () => {
  for (const [name, same] of [
    ["a clone", tf.clone],
    ["a cast to the type that is there", (x: tf.Tensor) => tf.cast(x, x.dtype)],
  ] as const)
    it(
      `${name} takes no memory, and outlives its original`,
      once(async () => {
        for (const x of [tf.tensor1d([1, 2, 3]), tf.tensor1d([1, 2, 3], "int32"), tf.tensor1d([true, false], "bool")]) {
          const { numDataBuffers } = tf.memory()
          const y = same(x)
          expect(tf.memory().numDataBuffers).toBe(numDataBuffers)
          const values = await x.data()
          x.dispose()
          expect(await y.data()).toEqual(values)
          y.dispose()
        }
      }),
    )
})
