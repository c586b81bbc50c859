/** Every layer of `layer-examples.ts`: starts and outputs don't depend on company, gradients are those of differences. */
import { Backend, type BackendName, backendNames, memberOf, type Tensor, tf, toDevice } from "@relent/tensor"
import { testBackendName } from "@relent/tensor/testing"
import { describe, expect, it } from "vitest"
import { exampleInput, moved, onDevice, type Read, read, training } from "./gradients.ts"
import { layers } from "./layer-examples.ts"
import { on } from "./on.ts"
import { committed, expected, isWriting } from "./what-trains.ts"

const examples = Object.entries(layers).map(([name, example]) => ({ name, example }))
const backends: ReadonlyArray<BackendName> = [...new Set(["wasm", "cpu", testBackendName] as const)]

/** The largest difference of two outputs of one shape. */
const apart = (found: Read | undefined, wanted: Read | undefined): number => {
  expect(found!.shape).toEqual(wanted!.shape)
  return found!.values.reduce((most, v, i) => Math.max(most, Math.abs(v - wanted!.values[i]!)), 0)
}

it.each(examples)("$name starts alike alone and in company", ({ example: { init } }) => {
  const [alone, together] = [init(1), init(3)]
  expect(Object.keys(together)).toEqual(Object.keys(alone))
  for (const [path, { shape, values }] of Object.entries(alone)) {
    expect(together[path]!.shape).toEqual([3, ...shape.slice(1)])
    expect(together[path]!.values.slice(0, values.length)).toEqual(values)
  }
})

describe.each(backends)("on %s", (backend) => {
  const layer = Backend[backend]
  it.each(examples)("$name gives each member what it gives it alone", async ({ example }) => {
    const { init, apply } = example
    const inputs = [exampleInput(example, 0), exampleInput(example, 1)]
    // What nobody learns has an axis of 1 for shared inputs.
    const forTwo = (y: Tensor) => tf.add(y, tf.zeros([2, ...y.shape.slice(1).map(() => 1)]))
    const found = await on(
      read(() => {
        const tree = toDevice(moved(init(2)))
        const [x, z] = inputs.map(onDevice) as [Tensor, Tensor]
        return {
          together: apply(tree, tf.concat([x, z])),
          alone: tf.concat([x, z].map((x, m) => apply(memberOf(tree, m), x))),
          shared: forTwo(apply(tree, x)),
          twice: apply(tree, tf.concat([x, x])),
        }
      }),
      layer,
    )
    // Others add in another order where there are more members.
    const rounding = backend === "wasm" || backend === "cpu" ? 0 : 1e-5
    expect(apart(found["together"], found["alone"])).toBeLessThanOrEqual(rounding)
    expect(apart(found["shared"], found["twice"])).toBeLessThanOrEqual(rounding)
  })

  it.each(examples)(
    "$name has the gradients of its differences, unless docs/backends.md says why not",
    async ({ name, example }) => {
      const found = await training(example, layer)
      expect(found).toBe(expected(backend, name, found))
    },
  )
})

it.skipIf(isWriting)("the table of docs/backends.md has these layers and these backends", () => {
  expect(Object.keys(committed)).toEqual(Object.keys(layers))
  for (const cells of Object.values(committed)) expect(Object.keys(cells)).toEqual([...backendNames])
})
