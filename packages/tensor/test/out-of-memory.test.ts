/** A tensor that no memory holds is a typed error that says how much was asked for. */
import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import { Backend, OutOfTensorMemory, record, Tensors, tf } from "../src/index.ts"
import { outOfMemory } from "../src/out-of-memory.ts"
import { testBackendName } from "../src/testing.ts"

const [rows, columns] = [2 ** 22, 2 ** 21]
// oxlint-disable-next-line unicorn/no-array-fill-with-reference-type -- no array is filled
const huge = () => tf.fill([rows, columns], 1)

describe("what TensorFlow says of a full memory", () => {
  it.each([
    ["shape[4194304,2097152] and type float on /job:localhost", 2 ** 45],
    ["shape[3] and type double on /job:localhost", 24],
    ["shape[] and type bool on /job:localhost", 1],
  ])("%s", (words, bytes) => {
    const thrown = new Error(`OOM when allocating tensor with ${words}`)
    expect(outOfMemory(thrown, "tensorflow")).toEqual(new OutOfTensorMemory({ backend: "tensorflow", bytes }))
  })
  it("is nothing else that it says", () => {
    expect(outOfMemory(new Error("Incompatible shapes: [2] vs. [3]"), "tensorflow")).toBeUndefined()
  })
})

describe.runIf(testBackendName === "tensorflow")("a full memory on tensorflow", () => {
  const refused = <A>(effect: Effect.Effect<A, never, Backend>) =>
    Backend.use((b) => Effect.flip(b.run(Tensors.leakFree(effect)))).pipe(
      Effect.provide(Backend.tensorflow),
      Effect.runPromise,
    )
  const wanted = new OutOfTensorMemory({ backend: "tensorflow", bytes: 4 * rows * columns })

  it("is a typed error of an operation", { timeout: 60_000 }, async () => {
    expect(await refused(Effect.sync(huge))).toEqual(wanted)
  })
  it("is a typed error of a step that is recorded", { timeout: 60_000 }, async () => {
    const step = Effect.gen(function* () {
      const { run } = yield* record({
        start: () => ({}),
        steps: { grow: () => ({ state: {}, outputs: { sum: tf.sum(huge()) } }) },
      })
      yield* run("grow", {})
    })
    expect(await refused(Effect.scoped(step))).toEqual(wanted)
  })
})
