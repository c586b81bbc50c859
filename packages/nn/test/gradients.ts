/** Whether a layer trains on a backend: its gradients against differences. */
import { type Parameters, type TensorValue, tensorValue } from "@relent/arrow"
import { source } from "@relent/random"
import { type Backend, KernelMissing, type Tensor, Tensors, tf } from "@relent/tensor"
import { Effect } from "effect"
import type { LayerExample } from "./layer-examples.ts"
import { on } from "./on.ts"

const random = source({ seed: 2, stream: "layers" })
type Floats = { readonly [path: string]: TensorValue<"float32"> }

/** The input of one member; floats lie apart, so that small steps don't change which is largest. */
export const exampleInput = ({ shape, below }: LayerExample, member: number): TensorValue<"float32" | "int32"> => {
  const size = shape.reduce((product, n) => product * n, 1)
  const draws = random("input", member)
  if (below !== undefined)
    return tensorValue(
      "int32",
      Int32Array.from({ length: size }, () => draws.integer(below)),
      [1, ...shape],
    )
  const values = Float32Array.from(draws.permutation(size), (i) => (4 * (i + 0.5)) / size - 2)
  return tensorValue("float32", values, [1, ...shape])
}

/** Parameters moved a little, so that no bias is zero and no scale is one. */
export const moved = (parameters: Parameters): Floats =>
  Object.fromEntries(
    Object.entries(parameters).map(([path, { values, shape }], i) => {
      const z = random("moved", i).normals(values.length)
      return [
        path,
        tensorValue(
          "float32",
          (values as Float32Array).map((v, j) => v + z[j]! / 4),
          shape,
        ),
      ]
    }),
  )

export const onDevice = ({ values, shape, dtype }: TensorValue<"float32" | "int32">): Tensor =>
  tf.tensor(values, [...shape], dtype)

export interface Read {
  readonly shape: ReadonlyArray<number>
  readonly values: Float32Array
}

/** What some tensor code gives, off the device. */
export const read = (f: () => Record<string, Tensor>) =>
  Effect.gen(function* () {
    const owner = yield* Tensors.scoped
    const tensors = owner.compute(f)
    const entries = Object.entries(tensors).map(async ([name, tensor]): Promise<readonly [string, Read]> => [
      name,
      { shape: tensor.shape, values: (await tensor.data()) as Float32Array },
    ])
    return Object.fromEntries(yield* Effect.promise(() => Promise.all(entries)))
  }).pipe(Effect.scoped)

const trainingOf = (example: LayerExample) =>
  Effect.gen(function* () {
    const input = exampleInput(example, 0)
    const parameters = moved(example.init(1))
    const leaves: Floats = input.dtype === "int32" ? parameters : { ...parameters, input: input as Floats[string] }
    const paths = Object.keys(leaves)
    const apply = (tensors: ReadonlyArray<Tensor>) => {
      const { input: x = onDevice(input), ...tree } = Object.fromEntries(paths.map((path, i) => [path, tensors[i]!]))
      return example.apply(tree, x)
    }
    const weights = (size: number) => random("weights").normals(size)
    /** The outputs' sum with fixed weights, added up in float64. */
    const loss = (at: Floats) =>
      Effect.map(
        read(() => ({ y: apply(Object.values(at).map(onDevice)) })),
        ({ y }) => {
          const w = weights(y!.values.length)
          return y!.values.reduce((sum, v, i) => sum + v * w[i]!, 0)
        },
      )
    const slope = (path: string, direction: Float32Array, step: number) =>
      Effect.gen(function* () {
        const { values, shape } = leaves[path]!
        const at = (by: number) => ({
          ...leaves,
          [path]: tensorValue(
            "float32",
            values.map((v, i) => v + by * direction[i]!),
            shape,
          ),
        })
        return ((yield* loss(at(step))) - (yield* loss(at(-step)))) / (2 * step)
      })

    const gradients = yield* read(() => {
      const found = tf.grads((...tensors: Array<Tensor>) => {
        const y = apply(tensors)
        return tf.sum(tf.mul(y, tf.tensor(weights(y.size), y.shape)))
      })(Object.values(leaves).map(onDevice))
      return Object.fromEntries(paths.map((path, i) => [path, found[i]!]))
    })
    for (const path of paths) {
      const gradient = gradients[path]!.values
      const norm = Math.hypot(...gradient)
      if (gradient.length !== leaves[path]!.values.length || !(norm > 0.01 && norm < 1e3))
        return `the gradient by '${path}' has the norm ${norm}`
      // A network of many tensors is made of layers that are tested by themselves.
      const directions = paths.length > 20 ? [0] : [0, 1]
      for (const direction of directions.map((i) => random("direction", i).normals(gradient.length))) {
        // Of order 4 in the step.
        const numeric = (4 * (yield* slope(path, direction, 0.004)) - (yield* slope(path, direction, 0.008))) / 3
        const along = gradient.reduce((sum, g, i) => sum + g * direction[i]!, 0)
        if (!(Math.abs(along - numeric) < 1e-3 * norm)) return `the gradient by '${path}' isn't that of the differences`
      }
    }
    return "yes"
  })

/** A program that a graphics card refused: a defect, since no user can mend it. */
const refused = (error: unknown): string | undefined => {
  const { _tag, message } = error as { readonly _tag?: string; readonly message: string }
  return _tag === "CallRefused" ? `the card refuses a program: ${message.split("\n")[0]}` : undefined
}

/** `yes`, or what is in the way: a kernel that is missing, a program that a card refuses, a gradient that is zero, infinite or wrong. */
export const training = (example: LayerExample, layer: typeof Backend.wasm): Promise<string> =>
  on(trainingOf(example), layer).catch((error: unknown) => {
    if (error instanceof KernelMissing) return error.message
    const why = refused(error)
    if (why !== undefined) return why
    throw error
  })
