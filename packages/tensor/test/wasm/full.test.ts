/** A recording for which the heap has no room. */
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm"
import { Effect } from "effect"
import { expect, it } from "vitest"
import { Backend, OutOfTensorMemory, record, Tensors, tf } from "../../src/index.ts"
import { moduleOf } from "../../src/wasm/module.ts"
import { on } from "../on.ts"

const MiB = 2 ** 20

/** Takes the whole heap in blocks, and gives back every other one. Gives the rest. */
const riddled = (backend: BackendWasm): ReadonlyArray<number> => {
  const { _malloc, _free } = moduleOf(backend)
  const blocks: Array<number> = []
  try {
    for (;;) blocks.push(_malloc(MiB))
  } catch (error) {
    expect(error).toBeInstanceOf(OutOfTensorMemory)
  }
  for (const [i, block] of blocks.entries()) if (i % 2 === 0) _free(block)
  return blocks.filter((_, i) => i % 2 === 1)
}

/** A step that computes in pieces of less than a block, all of which are needed at its end. */
const step = Effect.gen(function* () {
  const { run } = yield* record({
    start: () => ({ x: tf.ones([200_000]) }),
    steps: {
      grow: ({ x }) => {
        const pieces = [1, 2, 3, 4].map((by) => tf.mul(x!, by))
        return { state: { x: tf.div(tf.addN(pieces), 10) }, outputs: {} }
      },
    },
  })
  const outputs = yield* run("grow", {})
  tf.dispose(outputs)
})

it("a typed error says how much a recording asked for, and leaves nothing", () =>
  on.wasm(
    Effect.gen(function* () {
      const backend = yield* Backend
      const kept = yield* backend.run(Effect.sync(() => riddled(tf.backend() as BackendWasm)))
      const error = yield* Effect.flip(Tensors.leakFree(backend.run(Effect.scoped(step))))
      for (const block of kept) moduleOf(tf.backend() as BackendWasm)._free(block)
      expect(error).toMatchObject({ _tag: "OutOfTensorMemory", backend: "wasm" })
      expect((error as OutOfTensorMemory).bytes).toBeGreaterThan(MiB)
      yield* Tensors.leakFree(backend.run(Effect.scoped(step)))
    }),
  ))
