/** Kernels of our own on wasm: what shapes they give, and the calls that compute it. */
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm"
import type { Override } from "../override.ts"
import { type DataType, tf } from "../tf.ts"
import { type Machine, machineOf } from "./machine.ts"
import { type At, tellPrepared } from "./recorded/trace.ts"

export interface Shaped {
  readonly shape: Array<number>
  readonly dtype: DataType
}
/** A tensor where it lies: rows one after the other from an address of the heap. */
export interface Place extends Shaped {
  readonly address: number
}
type Named<Names extends string, T> = { readonly [name in Names]: T }

export interface OwnKernel<Names extends string, Attributes> {
  /** The library's name, or `Relent...` for an operation of `op/`. */
  readonly kernel: string
  readonly why: string
  /** Shapes of what it gives; nothing for what it leaves to the kernel that was there before. */
  readonly outputs: (inputs: Named<Names, Shaped>, attributes: Attributes) => ReadonlyArray<Shaped> | undefined
  /** It gives a list, also of one. */
  readonly several?: true
  /** For each output the input in whose place it may be written, whatever else lies there. */
  readonly inPlace?: ReadonlyArray<Names>
  /** Prepares the calls for tensors at their places, to be made as often as wanted. */
  readonly bind: (
    machine: Machine,
    inputs: Named<Names, Place>,
    outputs: ReadonlyArray<Place>,
    attributes: Attributes,
  ) => () => void
}

export const float = (shape: Array<number>): Shaped => ({ shape, dtype: "float32" })
export const areFloats = (...tensors: ReadonlyArray<Shaped>): boolean =>
  tensors.every(({ dtype }) => dtype === "float32")
export const sizeOf = (shape: ReadonlyArray<number>): number => shape.reduce((size, n) => size * n, 1)
export const sameShape = (first: Shaped, ...others: ReadonlyArray<Shaped>): boolean =>
  others.every(({ shape }) => shape.join() === first.shape.join())
export const FLOAT = 4

/** Calls one after the other. */
export const inOrder = (calls: ReadonlyArray<() => void>): (() => void) =>
  calls.length === 1
    ? calls[0]!
    : () => {
        for (const call of calls) call()
      }

/** In place of the kernel that is there: one of `op/` is there when the module of its operation is loaded. */
export const own = <Names extends string, Attributes>({
  kernel,
  why,
  outputs,
  inPlace = [],
  several,
  bind,
}: OwnKernel<Names, Attributes>): Override<BackendWasm> => ({
  kernel,
  why,
  register: (backend) => {
    const machine = machineOf(backend)
    const before = tf.getKernel(kernel, "wasm") as tf.KernelConfig | undefined
    if (before) tf.unregisterKernel(kernel, "wasm")
    const place = (tensor: tf.TensorInfo): Place => ({
      shape: tensor.shape,
      dtype: tensor.dtype,
      address: backend.getMemoryOffset(tensor.dataId),
    })
    tf.registerKernel({
      ...before,
      kernelName: kernel,
      backendName: "wasm",
      kernelFunc: (given) => {
        const inputs = given.inputs as Named<Names, tf.TensorInfo>
        const attributes = given.attrs as unknown as Attributes
        const shapes = outputs(inputs, attributes)
        if (shapes === undefined) return before!.kernelFunc(given)
        const made = shapes.map(({ shape, dtype }) => backend.makeOutput(shape, dtype))
        const there = Object.entries(given.inputs).flatMap(([name, tensor]) =>
          tensor ? [[name, tensor] as const] : [],
        )
        const calls = (at: At) => {
          const places = there.map(([name, tensor]) => [name, place(at(tensor))] as const)
          const outs = made.map((tensor) => place(at(tensor)))
          return bind(machine, Object.fromEntries(places) as Named<Names, Place>, outs, attributes)
        }
        calls((tensor) => tensor)()
        tellPrepared(() => ({ inPlace: inPlace.map((name) => inputs[name]), bind: calls }))
        return made.length === 1 && several === undefined ? made[0]! : made
      },
    })
  },
})
