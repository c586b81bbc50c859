/** What is measured, on every backend that opens; no figure is judged. */
import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import { Backend, record, Tensors, tf } from "../../src/index.ts"
import { measure } from "../../src/measure/index.ts"
import { batchOf, perceptron } from "../../src/measure/perceptron.ts"
import { batchFor, gflops, nextSize, productOperations, stepOperations, timesInTurn } from "../../src/measure/plan.ts"
import { testBackendName } from "../../src/testing.ts"

describe("what follows from times", () => {
  it("operations a second", () => {
    expect(productOperations(1000)).toBe(2e9)
    expect(gflops(2e9, 100)).toBe(20)
    // [128, 784] x [784, 256] and its gradient, [128, 256] x [256, 10] and its two.
    expect(stepOperations(128)).toBe(2 * (2 * 128 * 784 * 256) + 3 * (2 * 128 * 256 * 10))
  })
  it("how often in a turn", () => {
    expect([0, 0.01, 3, 39, 41, 1e6].map(timesInTurn)).toEqual([1000, 1000, 13, 1, 1, 1])
  })
  it("products grow while they fit in a turn", () => {
    expect([nextSize(64, 0.1), nextSize(512, 5), nextSize(512, 5.1), nextSize(1024, 0.1)]).toEqual([
      128, 1024, 512, 1024,
    ])
  })
  it("slow backends get smaller batches", () => {
    expect([100, 2.7, 2.6, 0.5, 1e-9].map(batchFor)).toEqual([128, 128, 64, 16, 8])
  })
})

describe.each([...new Set(["wasm", "cpu", testBackendName] as const)])("on %s", (name) => {
  const on = <A, E>(effect: Effect.Effect<A, E, Backend>) => Effect.runPromise(Effect.provide(effect, Backend[name]))

  it("the step that is timed makes its loss smaller", () =>
    on(
      Backend.use(({ run }) =>
        run(
          Tensors.leakFree(
            Effect.scoped(
              Effect.gen(function* () {
                const recording = yield* record(perceptron)
                const losses: Array<number> = []
                for (let i = 0; i < 8; i++) {
                  const { loss } = yield* recording.run("train", batchOf(10))
                  losses.push((yield* Effect.promise(() => loss!.data()))[0]!)
                  tf.dispose(loss!)
                }
                expect(losses[0]).toBeCloseTo(Math.log(10), 2) // it knows nothing yet
                expect(losses[1]! - losses[0]!).toBeLessThan(-0.1)
                expect(losses.at(-1)! - losses[1]!).toBeLessThan(-0.05) // not at every step: Adam has momentum
              }),
            ),
          ),
        ),
      ),
    ))

  it("leaves nothing behind", async () => {
    const { product, step } = await on(Tensors.leakFree(measure))
    for (const figure of [product.size, product.gflops, step.batch, step.milliseconds])
      expect(figure).toBeGreaterThan(0)
  })
})
