/** A recording for which the heap has no room. */
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm"
import { Effect } from "effect"
import { expect, it } from "vitest"
import { Backend, OutOfTensorMemory, record, Tensors, tf } from "../../src/index.ts"
import { moduleOf } from "../../src/wasm/module.ts"
import { on } from "../on.ts"

const MiB = 2 ** 20

/** Takes the whole heap in blocks. */
const filled = (backend: BackendWasm): ReadonlyArray<number> => {
  const { _malloc } = moduleOf(backend)
  const blocks: Array<number> = []
  try {
    for (;;) blocks.push(_malloc(MiB))
  } catch (error) {
    expect(error).toBeInstanceOf(OutOfTensorMemory)
  }
  return blocks
}
/** While every other block of the heap is taken. */
const riddled = Effect.acquireRelease(
  Effect.sync(() => {
    const { _free } = moduleOf(tf.backend() as BackendWasm)
    const blocks = filled(tf.backend() as BackendWasm)
    for (const [i, block] of blocks.entries()) if (i % 2 === 0) _free(block)
    return blocks.filter((_, i) => i % 2 === 1)
  }),
  (blocks) => Effect.sync(() => blocks.forEach((block) => moduleOf(tf.backend() as BackendWasm)._free(block))),
)

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
      const failing = Effect.scoped(Effect.andThen(riddled, step))
      const error = yield* Effect.flip(Tensors.leakFree(backend.run(failing)))
      expect(error).toMatchObject({ _tag: "OutOfTensorMemory", backend: "wasm" })
      expect((error as OutOfTensorMemory).bytes).toBeGreaterThan(MiB)
      yield* Tensors.leakFree(backend.run(Effect.scoped(step)))
    }),
  ))

it("nothing reaches beyond the end of a heap that is full but for some blocks", () =>
  on.wasm(
    Effect.gen(function* () {
      const { run } = yield* Backend
      const check = Effect.sync(() => {
        const backend = tf.backend() as BackendWasm
        const { _malloc, _free } = moduleOf(backend)
        const blocks = [...filled(backend)]
        for (const block of blocks.splice(-3)) _free(block)
        const refused = [1.5, 6, 9, 20, 1000].filter((size) => {
          try {
            const address = _malloc(size * MiB) >>> 0
            expect(address + size * MiB).toBeLessThanOrEqual(moduleOf(backend).HEAPU8.length)
            _free(address)
            return false
          } catch (error) {
            if (!(error instanceof OutOfTensorMemory)) throw error
            return true
          }
        })
        for (const block of blocks) _free(block)
        expect(refused).toEqual([6, 9, 20, 1000])
      })
      yield* run(check)
    }),
  ))
