/** A discriminator learns the logarithm of a density ratio. */
import { fit, initMlp, makeAdam, cosine, normals, separable } from "@relent/nn"
import { source } from "@relent/random"
import { Backend, Tensors, tf, toDevice } from "@relent/tensor"
import { testBackend } from "@relent/tensor/testing"
import { Effect, Option } from "effect"
import { expect, it } from "vitest"
import { preconditioning } from "../src/edm/network.ts"
import { discriminate } from "../src/f-distill/networks.ts"
import { read } from "./read.ts"

it("of N(0, 1) and N(1, 1): its logit is 1/2 - x, to 0.15 in the root mean square on [-1, 2]", async () => {
  const shape = { widths: [6, 16, 1], members: 1, activation: "silu" } as const
  const random = source({ seed: 101, stream: "discriminator" })
  const level = 0.01 // of noise, next to none: a level of 0 has no logarithm
  const batch = 128
  const at = (rows: number) => preconditioning(tf.mul(tf.ones([1, rows, 1]), level), 1)
  const training = fit({
    start: initMlp(shape, random),
    members: 1,
    examples: batch,
    batch,
    steps: 150,
    learningRate: 0.02,
    schedule: cosine,
    every: 150,
    optimizer: makeAdam({ beta1: 0.5, beta2: 0.99 }),
    objective: separable({
      inputs: ({ step }) => {
        const draw = { random, members: 1 }
        return { real: normals(draw, [batch, 1], "real", step), fake: normals(draw, [batch, 1], "fake", step) }
      },
      of: (tree, { real, fake }) => {
        const onFake = tf.softplus(discriminate(shape, tree, tf.add(fake!, 1), at(batch)))
        return tf.add(onFake, tf.softplus(tf.neg(discriminate(shape, tree, real!, at(batch)))))
      },
    }),
    random,
    report: () => Effect.void,
    checkpoint: { load: Effect.succeed(Option.none()), save: () => Effect.void },
  })
  const program = Backend.use((b) => b.run(Tensors.leakFree(training))).pipe(Effect.provide(testBackend))
  const { parameters } = await Effect.runPromise(program)
  const x = Float32Array.from({ length: 31 }, (_, i) => -1 + i / 10)
  const logits = await read(() => discriminate(shape, toDevice(parameters), tf.tensor3d(x, [1, 31, 1]), at(31)))
  const squares = logits.reduce((sum, l, i) => sum + (l - (0.5 - x[i]!)) ** 2, 0)
  expect(Math.sqrt(squares / 31)).toBeLessThan(0.15)
})
