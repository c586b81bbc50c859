/** Token by token, with what was kept, a transformer says what it says of the whole. */
import { applyTransformer, initTransformer } from "@relent/nn"
import { source } from "@relent/random"
import { Backend, Tensors, tf, toDevice } from "@relent/tensor"
import { Effect, Layer } from "effect"
import { expect, it } from "vitest"
import { applyNext, type Kept } from "../src/incremental.ts"

const backend = Layer.fresh(Backend.wasm)
const random = source({ seed: 3, stream: "incremental" })

it.each([true, false])("tied: %s", async (tied) => {
  const shape = {
    vocabulary: 7,
    context: 5,
    blocks: 2,
    width: 8,
    heads: 2,
    activation: "gelu",
    bias: true,
    tied,
  } as const
  const tokens = Int32Array.from({ length: 15 }, (_, i) => random("token", i).integer(7)) // 3 rows
  const program = Effect.gen(function* () {
    const owner = yield* Tensors.scoped
    const weights = initTransformer({ ...shape, members: 1 }, random)
    const tree = owner.own(toDevice(weights))
    const whole = owner.compute(() => applyTransformer(shape, tree, tf.tensor3d(tokens, [1, 3, 5], "int32")))
    const expected = yield* Effect.promise(() => whole.data())
    let before: Array<Kept> = []
    for (let t = 0; t < 5; t++) {
      const ids = Int32Array.from({ length: 3 }, (_, row) => tokens[row * 5 + t]!)
      const { logits, kept } = applyNext(shape, tree, tf.tensor3d(ids, [1, 3, 1], "int32"), t, before)
      before = owner.own(kept)
      const found = yield* Effect.promise(() => logits.data())
      for (let row = 0; row < 3; row++)
        for (let v = 0; v < 7; v++) expect(found[row * 7 + v]).toBeCloseTo(expected[(row * 5 + t) * 7 + v]!, 5)
    }
  })
  await Effect.runPromise(Backend.use((b) => b.run(Effect.scoped(program))).pipe(Effect.provide(backend)))
})
