/** The addon's interface to TensorFlow's C API, as far as we call it. */
import type { DataType, KernelBackend, TensorInfo } from "@tensorflow/tfjs-core"

/** Attributes of an operation: the type is one of the binding's `TF_ATTR_…`. */
export interface Attribute {
  readonly name: string
  readonly type: number
  readonly value: unknown
}

/** A tensor of the addon; ids are never used twice. */
export interface Handle {
  readonly id: number
  readonly shape: ReadonlyArray<number>
  /** TensorFlow's number of a type. */
  readonly dtype: number
}

export type Values = Float32Array | Int32Array | Uint8Array

export interface Binding {
  readonly createTensor: (shape: ReadonlyArray<number>, dtype: number, values: Values) => number
  readonly deleteTensor: (id: number) => void
  readonly tensorDataSync: (id: number) => Values
  readonly executeOp: (
    name: string,
    attributes: ReadonlyArray<Attribute>,
    inputs: ReadonlyArray<number>,
    outputs: number,
  ) => ReadonlyArray<Handle>
  readonly loadSavedModel: (folder: string, tags: string) => number
  readonly deleteSavedModel: (id: number) => void
  readonly runSavedModel: (
    model: number,
    feeds: ReadonlyArray<number>,
    feedNames: string,
    fetchNames: string,
  ) => ReadonlyArray<Handle>
  readonly getNumOfTensors: () => number
  readonly isUsingGpuDevice: () => boolean
  readonly TF_Version: string
}

/** TensorFlow's numbers of the types that tensors here have. */
export const typeNumber = { float32: 1, int32: 3, complex64: 8, int64: 9, bool: 10 } as const

/** The library's backend around the binding. */
export interface TensorFlowBackend extends KernelBackend {
  binding: Binding
  readonly tensorMap: {
    readonly get: (dataId: object) => { id: number; readonly shape: ReadonlyArray<number>; readonly dtype: number }
  }
  /** Ids of the tensors; values that haven't been given to TensorFlow yet are given now. */
  getInputTensorIds: (tensors: ReadonlyArray<TensorInfo>) => ReadonlyArray<number>
  readonly executeSingleOutput: (
    name: string,
    attributes: ReadonlyArray<Attribute>,
    inputs: ReadonlyArray<TensorInfo>,
  ) => TensorInfo
  readonly executeMultipleOutputs: (
    name: string,
    attributes: ReadonlyArray<Attribute>,
    inputs: ReadonlyArray<TensorInfo>,
    outputs: number,
  ) => ReadonlyArray<TensorInfo>
  readonly createOutputTensor: (handle: Handle) => TensorInfo
}

/** Attributes as the kernels write them. */
export const attribute = {
  type: (name: string, dtype: DataType | "int64" = "float32"): Attribute => ({
    name,
    type: 4,
    value: typeNumber[dtype as keyof typeof typeNumber],
  }),
  bool: (name: string, value: boolean): Attribute => ({ name, type: 3, value }),
  int: (name: string, value: number): Attribute => ({ name, type: 1, value }),
  float: (name: string, value: number): Attribute => ({ name, type: 2, value }),
  string: (name: string, value: string): Attribute => ({ name, type: 0, value }),
  shape: (name: string, value: ReadonlyArray<number>): Attribute => ({ name, type: 5, value }),
}
