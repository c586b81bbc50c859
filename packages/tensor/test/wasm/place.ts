/** Compiled functions called by their addresses, where a tensor never lies: not at a multiple of 16, and with something behind. */
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm"
import { expect } from "vitest"
import { tf } from "../../src/index.ts"
import { type Machine, machineOf } from "../../src/wasm/machine.ts"

const AROUND = 7

/**
 * What calls write into outputs of so many numbers that begin `shift` numbers behind a multiple of 16 bytes, and so do the inputs. Fails
 * if they write anything before or behind.
 */
export const atPlaces = async (
  inputs: ReadonlyArray<ArrayLike<number>>,
  sizes: ReadonlyArray<number>,
  shift: number,
  calls: (machine: Machine, inputs: ReadonlyArray<number>, outputs: ReadonlyArray<number>) => void,
): Promise<ReadonlyArray<Float32Array>> => {
  const backend = tf.backend() as BackendWasm
  const address = (tensor: tf.Tensor) => backend.getMemoryOffset(tensor.dataId) + 4 * shift
  const padded = (values: ArrayLike<number>, size: number) => {
    const all = new Float32Array(size + shift + 4).fill(AROUND)
    all.set(values, shift)
    return tf.tensor1d(all)
  }
  const given = inputs.map((values) => padded(values, values.length))
  const taken = sizes.map((size) => padded([], size))
  calls(machineOf(backend), given.map(address), taken.map(address))
  const found = await Promise.all(taken.map((tensor) => tensor.data<"float32">()))
  tf.dispose([given, taken])
  return found.map((all, i) => {
    const around = [...all.slice(0, shift), ...all.slice(shift + sizes[i]!)]
    expect(around).toEqual(around.map(() => AROUND))
    return all.slice(shift, shift + sizes[i]!)
  })
}
