import { Cause, Effect, Exit, Fiber } from "effect"
import { beforeEach, describe, expect, it } from "vitest"
import { detached, Owner, type Tensor, TensorLeak, Tensors, tf } from "../src/index.ts"
import { on } from "./on.ts"
import { forbidPromotion, forbidRandom } from "../src/testing.ts"

describe("lifetimes", () => {
  let others = 0
  beforeEach(() => void (others = Tensors.count()))
  /** How many there are, besides what other tests of this process have left. */
  const count = () => Tensors.count() - others

  it("an owner keeps what a computation returns, and nothing else", () =>
    on.wasm(
      Effect.sync(() => {
        const owner = new Owner()
        const { y } = owner.compute(() => {
          const x = tf.ones([3])
          return { y: tf.add(tf.mul(x, 2), 1), parts: [tf.neg(x)] }
        })
        expect([count(), owner.size]).toEqual([2, 2])
        owner.release(y)
        expect([count(), owner.size, y.isDisposed]).toEqual([1, 1, true])
        owner.close()
        expect(count()).toBe(0)
      }),
    ))
  it("owned tensors outlive a scope of the library around them", () =>
    on.wasm(
      Effect.sync(() => {
        const owner = new Owner()
        const x = tf.tidy(() => (owner.compute(() => ({ x: tf.ones([2]) })), tf.scalar(1)))
        expect([count(), owner.size]).toEqual([2, 1])
        x.dispose()
        owner.close()
      }),
    ))
  it("interruption closes the owner", () =>
    on.wasm(
      Effect.gen(function* () {
        const work = Effect.scoped(
          Effect.gen(function* () {
            const owner = yield* Tensors.scoped
            owner.compute(() => tf.ones([3]))
            return yield* Effect.never
          }),
        )
        const fiber = yield* Effect.forkChild(work)
        yield* Effect.yieldNow
        expect(count()).toBe(1)
        yield* Fiber.interrupt(fiber)
        expect(count()).toBe(0)
      }),
    ))
  it("what is detached is a constant to gradients, whatever it is made of", () =>
    on.wasm(
      Effect.promise(async () => {
        const positive = (x: Tensor) => detached(() => tf.cast(tf.greater(x, 0), "float32"))
        const slope = tf.tidy(() => tf.grad((x) => tf.mul(positive(x), tf.square(x)))(tf.tensor1d([-3, 2])))
        expect([...(await slope.data())]).toEqual([-0, 4])
        slope.dispose()
        expect(count()).toBe(0)
      }),
    ))
  it.each([on.wasm, on.cpu])(
    "the second derivative of what the library keeps of an output is right, whoever is open",
    (on) =>
      on(
        Effect.promise(async () => {
          const curve = tf.tidy(() =>
            tf.grad((x) => tf.grad((x: Tensor) => tf.exp(tf.square(x)))(x))(tf.tensor1d([0.5])),
          )
          expect((await curve.data())[0]).toBeCloseTo(3 * Math.exp(0.25), 5)
          curve.dispose()
        }),
      ),
  )
  it("a leak is a defect", () =>
    on.wasm(
      Effect.gen(function* () {
        const exit = yield* Effect.exit(Tensors.leakFree(Effect.sync(() => tf.ones([1]))))
        expect(Exit.isFailure(exit) && Cause.squash(exit.cause)).toEqual(
          new TensorLeak({ before: others, after: others + 1 }),
        )
        tf.disposeVariables()
      }),
    ))
  it("test suites can forbid promotion and global randomness", () =>
    on.wasm(
      Effect.sync(() => {
        const { random } = Math
        const cast: unknown = Reflect.get(tf.Tensor.prototype, "cast")
        forbidPromotion()
        forbidRandom()
        try {
          const mixed = () => tf.tidy(() => void tf.add(tf.ones([1]), tf.ones([1], "int32")))
          expect(mixed).toThrow("an operand of int32 meets one of float32")
          expect(() => Math.random()).toThrow("Math.random")
          expect(() => tf.tidy(() => void tf.randomNormal([3]))).toThrow("Math.random")
          tf.tidy(() => void tf.add(tf.ones([1]), tf.cast(tf.ones([1], "int32"), "float32")))
        } finally {
          Math.random = random
          Object.assign(tf.Tensor.prototype, { cast })
        }
      }),
    ))
})
