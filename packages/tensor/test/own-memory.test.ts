/** TensorFlow's tensors have memory of their own. `RELENT_BACKEND=tensorflow`, where it is installed. */
import { Effect } from "effect"
import { expect, it } from "vitest"
import { Backend, tf } from "../src/index.ts"
import { testBackend, testBackendName } from "../src/testing.ts"

it.runIf(testBackendName === "tensorflow")("an array that changes later changes no tensor", () =>
  Effect.runPromise(
    Backend.use((b) =>
      b.run(
        Effect.promise(async () => {
          const memory = new Float32Array(32)
          const aligned = Array.from({ length: 16 }, (_, at) => memory.subarray(at, at + 16)) // one of them is, to 64 bytes
          for (const values of aligned) {
            values.fill(1)
            const tensor = tf.tensor1d(values)
            const sums = [tf.sum(tensor)] // TensorFlow has the values now
            values.fill(2)
            sums.push(tf.sum(tensor))
            for (const sum of sums) expect((await sum.data())[0]).toBe(16)
            tf.dispose([tensor, ...sums])
          }
        }),
      ),
    ).pipe(Effect.provide(testBackend)),
  ),
)
