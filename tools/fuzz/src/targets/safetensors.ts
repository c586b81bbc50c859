/** safetensors: the header's length, the header, the tensors. */
import { tensorValue } from "@relent/arrow"
import { readSafetensors, writeSafetensors } from "@relent/exchange"
import { Effect } from "effect"
import type { Draws } from "@relent/random"
import { weights } from "../../../../packages/exchange/test/golden.ts"
import { damaged } from "../bytes.ts"
import type { Reading, Target } from "../target.ts"
import { damagedText } from "../text.ts"

const ours = writeSafetensors({
  parameters: {
    "layers/0/weight": tensorValue("float32", Float32Array.of(1, -2, 3.5, Infinity, 0, Number.NaN), [2, 3]),
    "layers/0/bias": tensorValue("float64", Float64Array.of(1.25, -0), [2]),
    none: tensorValue("int32", new Int32Array(0), [0, 3]),
    step: tensorValue("int32", Int32Array.of(-7), []),
    image: tensorValue("uint8", Uint8Array.of(255, 0, 1), [3, 1, 1]),
  },
  metadata: { "relent:kind": "mlp", ä: "☃" },
})
const bases = [weights, ours].map((bytes) => Buffer.from(bytes))
const headerEnd = (bytes: Buffer) => 8 + Number(bytes.readBigUInt64LE(0))
const headers = bases.map((bytes) => bytes.toString("utf8", 8, headerEnd(bytes)))

const words = [
  Array.from('{}[],:"\\ \n-+.eE0'),
  ["0", "1", "2", "3", "4", "8", "16", "24", "-1", "1.5", "1e3", "4294967296", "9007199254740993", "1e400", "null"],
  ['"F32"', '"F64"', '"I32"', '"U8"', '"BF16"', '"I64"', '"BOOL"', '"shape"', '"dtype"', '"data_offsets"'],
  ['"__metadata__":{},', '"__proto__":', '"a"', "[0,0]", "[0]", "[]", "true", "\u0000", "\u{1f600}", '"\\ud800"'],
].flat()

/** Another header of its own length, said right, before the tensors as they were. */
const headed = (draws: Draws): Buffer => {
  const base = bases[draws.integer(bases.length)]!
  const header = damagedText(headers, words, draws)
  const size = Buffer.alloc(8)
  size.writeBigUInt64LE(BigInt(header.length))
  return Buffer.concat([size, header, base.subarray(headerEnd(base))])
}

const hex = (values: ArrayBufferView) =>
  Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString("hex")
const byName = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]) => (a < b ? -1 : a > b ? 1 : 0)

export const safetensors: Target = {
  make: (draws) => (draws.integer(3) === 0 ? damaged(bases[draws.integer(2)]!, draws, bases) : headed(draws)),
  read: (bytes) =>
    Effect.runPromise(
      readSafetensors(bytes).pipe(
        Effect.map(({ parameters, metadata }): Reading => {
          const tensors = Object.entries(parameters)
            .map(([path, { dtype, shape, values }]) => [path, `${dtype} ${shape.join(" ")}: ${hex(values)}`] as const)
            .toSorted(byName)
          return { value: JSON.stringify([tensors, Object.entries(metadata).toSorted(byName)]) }
        }),
        Effect.catchTag("SafetensorsInvalid", (error) => Effect.succeed<Reading>({ refused: error.reason })),
        Effect.map((reading) => ({ safetensors: reading })),
      ),
    ),
}
