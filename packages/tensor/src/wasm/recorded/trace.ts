/** What a step does on wasm, written down while it runs once: the kernels that it comes down to, and the tensors that they make. */
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm"
import { StepInvalid } from "../../recorded/step.ts"
import { tf } from "../../tf.ts"
import { bytesAt, bytesOf } from "./bytes.ts"
import { hooked } from "./hooked.ts"
import { replay } from "./replay.ts"

export type Info = tf.TensorInfo
/** Whose numbers a tensor has: several may have the same, in other shapes. */
export type DataId = Info["dataId"]
type Given = Parameters<tf.KernelFunc>[0]
/** Where a tensor of the recording lies when a call is made again. */
export type At = (info: Info) => Info

/** One call of a kernel that isn't made of others. */
export interface Leaf {
  readonly kernel: string
  readonly inputs: ReadonlyArray<Info>
  /** What it made, results and intermediates, in order. */
  readonly made: ReadonlyArray<Info>
  readonly prepared: Prepared
}
interface Prepared {
  /** Makes the same call for tensors in other places. */
  readonly bind: (at: At) => () => void
  /** For each result the input in whose place it may be written. */
  readonly inPlace?: ReadonlyArray<Info>
}
interface Frame {
  readonly made: Array<Info>
  prepared?: Prepared
  /** It runs other kernels. */
  composed: boolean
}

export interface Trace {
  readonly leaves: ReadonlyArray<Leaf>
  /** Numbers that came from the host, or were there before. */
  readonly constants: ReadonlyMap<DataId, Uint8Array>
}

class Tracer implements Trace {
  readonly leaves: Array<Leaf> = []
  readonly constants = new Map<DataId, Uint8Array>()
  readonly #frames: Array<Frame> = []
  readonly #known: Set<DataId>
  readonly #backend: BackendWasm

  constructor(backend: BackendWasm, known: Iterable<DataId>) {
    this.#backend = backend
    this.#known = new Set(known)
  }

  run(kernel: string, call: tf.KernelFunc, given: Given): ReturnType<tf.KernelFunc> {
    const outer = this.#frames.at(-1)
    if (outer !== undefined) outer.composed = true
    const frame: Frame = { made: [], composed: false }
    const inputs = Object.values(given.inputs).filter((info): info is Info => info != null)
    for (const info of inputs) this.#see(info)
    this.#frames.push(frame)
    const result = call(given)
    this.#frames.pop()
    const { made, prepared, composed } = frame
    if (!composed && made.length > 0)
      this.leaves.push({ kernel, inputs, made, prepared: prepared ?? replay(this.#backend, kernel, call, given, made) })
    return result
  }

  /** The kernel that runs is one of ours. */
  prepared(prepared: Prepared): void {
    this.#frames.at(-1)!.prepared = prepared
  }

  made(info: Info): Info {
    this.#frames.at(-1)!.made.push(info)
    this.#known.add(info.dataId)
    return info
  }

  constant(dataId: DataId, values: Uint8Array): void {
    this.constants.set(dataId, values.slice())
    this.#known.add(dataId)
  }

  /** What nothing here has made was there before. */
  #see(info: Info): void {
    if (!this.#known.has(info.dataId)) this.constant(info.dataId, bytesAt(this.#backend, info))
  }
}

let tracer: Tracer | undefined

/** Tells the recording, if there is one, how the kernel of ours that runs is called again. */
export const tellPrepared = (prepared: () => Prepared): void => tracer?.prepared(prepared())

/** Lets recordings see every kernel of the backend. Once a process, after the last of them is registered. */
export const watchKernels = (): void => {
  for (const kernel of tf.getKernelsForBackend("wasm")) {
    tf.unregisterKernel(kernel.kernelName, "wasm")
    tf.registerKernel({
      ...kernel,
      kernelFunc: (given) =>
        tracer === undefined ? kernel.kernelFunc(given) : tracer.run(kernel.kernelName, kernel.kernelFunc, given),
    })
  }
}

/** Runs a step, and writes down what it does. The tensors that it is given are `known`; all others are constants. */
export const traced = <A>(
  step: string,
  backend: BackendWasm,
  known: Iterable<DataId>,
  f: () => A,
): { readonly result: A; readonly trace: Trace } => {
  const trace = new Tracer(backend, known)
  const prototype = Object.getPrototypeOf(backend) as BackendWasm
  const refused = (problem: string) =>
    new StepInvalid({ step, problem, hint: "compute with tensors of float32, int32 and bool, of shapes known before" })
  let making = false
  const hooks: Partial<BackendWasm> = {
    makeOutput: (shape, dtype, address, values) => {
      if (dtype === "string" || dtype === "complex64") throw refused(`has a tensor of ${dtype}`)
      if (address != null) throw refused("has an operation whose result has a shape that depends on values")
      making = true
      const made = prototype.makeOutput.call(backend, shape, dtype, address, values)
      making = false
      return trace.made(made)
    },
    write: (values, shape, dtype) => {
      const dataId = prototype.write.call(backend, values, shape, dtype)
      if (!making) trace.constant(dataId, bytesOf(values!))
      return dataId
    },
  }
  tracer = trace
  try {
    return { result: hooked(backend, hooks, f), trace }
  } finally {
    tracer = undefined
  }
}
