import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { Effect } from "effect"
import { expect, it } from "vitest"
import { Backend, Owner, Tensors, tf } from "../src/index.ts"

/** Memory shows in many steps, which the long tier takes. */
const verify = process.env["RELENT_VERIFY"] === "1"
const steps = verify ? 5000 : 500

setFlagsFromString("--expose-gc")
const collect = runInNewContext("gc") as () => void
const resident = () => {
  collect()
  return process.memoryUsage().rss / 2 ** 20
}

const constant = (shape: Array<number>, value: number) => tf.mul(tf.ones(shape), value)

/** Gradient descent on a small network: every step makes and drops about thirty tensors of all sizes. */
const train = async (owner: Owner, steps: number) => {
  let weights = owner.compute(() => [constant([2, 64, 32], 0.01), constant([2, 32, 10], 0.02)])
  for (let step = 0; step < steps; step++) {
    const old = weights
    weights = owner.compute(() => {
      const x = constant([2, 16 + (step % 3), 64], 0.1)
      const loss = (v: tf.Tensor, w: tf.Tensor) => tf.mean(tf.square(tf.matMul(tf.relu(tf.matMul(x, v)), w)))
      const grads = tf.grads(loss)(old)
      return old.map((w, i) => tf.sub(w, tf.mul(grads[i]!, 0.1)))
    })
    owner.release(old)
    if (step % 50 === 0) await new Promise(setImmediate)
  }
  return weights
}

it(`${verify ? "memory is" : "tensors are"} flat over ${steps} training steps`, { timeout: 120_000 }, async () => {
  const program = Effect.gen(function* () {
    const backend = yield* Backend
    return yield* backend.run(
      Effect.promise(async () => {
        const owner = new Owner()
        await train(owner, steps / 5)
        owner.close()
        const [count, before] = [Tensors.count(), resident()]
        await train(owner, steps)
        expect([Tensors.count() - count, owner.size]).toEqual([2, 2])
        owner.close()
        return resident() - before
      }),
    )
  })
  const growth = await Effect.runPromise(Effect.provide(program, Backend.wasm))
  if (!verify) return
  expect(growth).toBeLessThan(20) // MiB, half of what keeping the batch of each step would take
})
