/** The IDX format of MNIST: a magic number with type and rank, the sizes, the bytes. */
import { StageError } from "@relent/stage"
import { Effect } from "effect"

export interface Idx {
  readonly shape: ReadonlyArray<number>
  readonly values: Uint8Array<ArrayBuffer>
}

const unsignedByte = 0x08

/** Reads an IDX file of unsigned bytes. */
export const readIdx = (bytes: Uint8Array<ArrayBuffer>, name: string): Effect.Effect<Idx, StageError> => {
  const wrong = (what: string) =>
    Effect.fail(new StageError({ message: `${name} ${what}`, hint: "install the package again" }))
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes.byteLength < 4 || bytes[2] !== unsignedByte) return wrong("is no IDX file of bytes")
  const rank = bytes[3]!
  if (bytes.byteLength < 4 + 4 * rank) return wrong("ends within its header")
  const shape = Array.from({ length: rank }, (_, i) => view.getUint32(4 + 4 * i))
  const values = bytes.subarray(4 + 4 * rank)
  const count = shape.reduce((a, b) => a * b, 1)
  return values.length === count
    ? Effect.succeed({ shape, values })
    : wrong(`has ${values.length} bytes, wanted ${count}`)
}
