/** Every layer of `layer-examples.ts` in a recorded step: no value is read, nothing is frozen. Where steps are recorded: `tensorflow`. */
import { Eager, record, type Step, type Tensor, tf, toDevice } from "@relent/tensor"
import { Effect } from "effect"
import { expect, it } from "vitest"
import { exampleInput, moved } from "./gradients.ts"
import { type LayerExample, layers } from "./layer-examples.ts"
import { on } from "./on.ts"

const examples = Object.entries(layers).map(([name, example]) => ({ name, example }))

/** Outputs of three steps downhill, each on an input of its own, by the outputs' sum of squares; and what was learnt. */
const trained = (example: LayerExample, eager: boolean) => {
  const start = moved(example.init(1))
  const paths = Object.keys(start)
  const step: Step = (tree, { x }) => {
    const y = example.apply(tree, x!)
    if (paths.length === 0) return { state: {}, outputs: { y } }
    const loss = (...tensors: Array<Tensor>) =>
      tf.sum(tf.square(example.apply(Object.fromEntries(paths.map((path, i) => [path, tensors[i]!])), x!)))
    const gradients = tf.grads(loss)(paths.map((path) => tree[path]!))
    const next = paths.map((path, i) => [path, tf.sub(tree[path]!, tf.mul(gradients[i]!, 0.01))] as const)
    return { state: Object.fromEntries(next), outputs: { y } }
  }
  const steps = Effect.gen(function* () {
    const { run, read } = yield* record({ start: () => toDevice(start), steps: { step } })
    const outputs: Array<Float32Array> = []
    for (const member of [0, 1, 2]) {
      const { y } = yield* run("step", { x: exampleInput(example, member) })
      outputs.push((yield* Effect.promise(() => y!.data())) as Float32Array)
      tf.dispose(y!)
    }
    return { outputs, state: yield* read }
  })
  return on(Effect.provideService(Effect.scoped(steps), Eager, eager))
}

it.each(examples)("$name trains the same recorded and not", async ({ example }) => {
  const recorded = await trained(example, false)
  expect(recorded).toEqual(await trained(example, true))
  expect(recorded.outputs[0]).not.toEqual(recorded.outputs[1])
})
