/**
 * safetensors, the file of weights that PyTorch, JAX and candle read: eight bytes with the length of a JSON header, the header, and
 * the tensors' bytes one after the other, little endian and row-major.
 *
 * @reference huggingface2022safetensors
 */
import { type Dtype, type Parameters, product, tensorTable, tensorsOf, typedArrays } from "@relent/arrow"
import type { Table } from "apache-arrow"
import { Data, Effect, Schema } from "effect"
import { jsonProblem } from "./json.ts"

/** Bytes that aren't safetensors, or hold what relent has no type for. */
export class SafetensorsInvalid extends Data.TaggedError("SafetensorsInvalid")<{ readonly reason: string }> {
  override get message() {
    return `not a safetensors file: ${this.reason}`
  }
}

export interface Safetensors {
  readonly parameters: Parameters
  readonly metadata: { readonly [key: string]: string }
}

const names = { F64: "float64", F32: "float32", I32: "int32", U8: "uint8" } as const satisfies Record<string, Dtype>
const words = Object.fromEntries(Object.entries(names).map(([word, dtype]) => [dtype, word])) as Record<Dtype, string>

/** Bytes of the header, at most: as the format's own reader. */
const longest = 100_000_000
const alignment = 8

/** Tensors and texts as the bytes of a file; tensors in the order of their names, so that equal weights are equal bytes. */
export const writeSafetensors = ({ parameters, metadata }: Safetensors): Uint8Array => {
  const tensors = Object.entries(parameters).toSorted(([a], [b]) => (a < b ? -1 : 1))
  const header: Record<string, unknown> = { ...(Object.keys(metadata).length > 0 && { __metadata__: metadata }) }
  let end = 0
  for (const [path, { dtype, shape, values }] of tensors) {
    header[path] = { dtype: words[dtype], shape, data_offsets: [end, end + values.byteLength] }
    end += values.byteLength
  }
  const json = new TextEncoder().encode(JSON.stringify(header))
  // Spaces after the header put the tensors at a multiple of their size.
  const size = Math.ceil(json.length / alignment) * alignment
  const bytes = new Uint8Array(8 + size + end).fill(0x20, 8 + json.length, 8 + size)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(size), true)
  bytes.set(json, 8)
  let at = 8 + size
  for (const [, { values }] of tensors) {
    bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), at)
    at += values.byteLength
  }
  return bytes
}

const Size = Schema.Number.check(
  Schema.makeFilter((n: number) => (Number.isInteger(n) && n >= 0) || "Expected a whole number, written in digits"),
  Schema.makeFilter((n: number) => Number.isSafeInteger(n) || "Expected a size below 2^53"),
)
const Entry = Schema.Struct({
  dtype: Schema.String,
  shape: Schema.Array(Size),
  data_offsets: Schema.Tuple([Size, Size]),
})
const Metadata = Schema.Record(Schema.String, Schema.String)
const Header = Schema.Record(Schema.String, Schema.Unknown)

const decode = <A>(schema: Schema.Codec<A, any>, value: unknown, what: string) =>
  Schema.decodeUnknownEffect(schema)(value).pipe(
    Effect.mapError((error) => new SafetensorsInvalid({ reason: `${what}: ${error.message}` })),
  )

/** A number that isn't written in digits is none of a size: 1e3, 0.0 and -0 are integers to JavaScript only. */
const inDigits = (_key: string, value: unknown, { source }: { readonly source?: string } = {}) =>
  typeof value === "number" && !/^\d+$/.test(source!) ? Number.NaN : value

/** The header and where the tensors begin. */
const headerOf = (bytes: Uint8Array) =>
  Effect.gen(function* () {
    if (bytes.length < 8) return yield* new SafetensorsInvalid({ reason: `it has ${bytes.length} bytes` })
    const size = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true)
    if (size > longest || Number(size) > bytes.length - 8)
      return yield* new SafetensorsInvalid({ reason: `its header should have ${size} bytes` })
    const begin = 8 + Number(size)
    const text = yield* Effect.try({
      try: () => new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes.subarray(8, begin)),
      catch: () => new SafetensorsInvalid({ reason: "its header isn't UTF-8" }),
    })
    const json = yield* Effect.try({
      try: () => JSON.parse(text, inDigits) as unknown,
      catch: (error) => new SafetensorsInvalid({ reason: `its header: ${(error as Error).message}` }),
    })
    const problem = text.startsWith("{") ? jsonProblem(text) : "it doesn't begin with {"
    if (problem !== undefined) return yield* new SafetensorsInvalid({ reason: `its header: ${problem}` })
    return { begin, header: yield* decode(Header, json, "its header") }
  })

/** Reads a file. Fails where the header isn't what the format says, or the tensors don't fill the rest without gap or overlap. */
export const readSafetensors = (bytes: Uint8Array): Effect.Effect<Safetensors, SafetensorsInvalid> =>
  Effect.gen(function* () {
    const { begin, header } = yield* headerOf(bytes)
    const { __metadata__: given = {}, ...tensors } = header
    const parameters: Record<string, Parameters[string]> = {}
    const pieces: Array<readonly [from: number, to: number]> = []
    for (const [path, value] of Object.entries(tensors)) {
      const { dtype: word, shape, data_offsets } = yield* decode(Entry, value, `tensor '${path}'`)
      const [from, to] = data_offsets
      if (!Object.hasOwn(names, word)) {
        const known = Object.keys(names).join(", ")
        return yield* new SafetensorsInvalid({ reason: `tensor '${path}' is of ${word}; relent has ${known}` })
      }
      const dtype = names[word as keyof typeof names]
      const type = typedArrays[dtype]
      if (to - from !== product(shape) * type.BYTES_PER_ELEMENT || begin + to > bytes.length) {
        const reason = `tensor '${path}' of shape [${shape.join(", ")}] has the bytes ${from} to ${to}`
        return yield* new SafetensorsInvalid({ reason })
      }
      // A copy: aligned, and not the file's.
      const values = new type(new Uint8Array(bytes.subarray(begin + from, begin + to)).buffer)
      Object.defineProperty(parameters, path, { value: { dtype, shape, values }, enumerable: true })
      pieces.push([from, to])
    }
    let end = 0
    for (const [from, to] of pieces.toSorted(([a, b], [c, d]) => a - c || b - d)) {
      if (from !== end)
        return yield* new SafetensorsInvalid({ reason: `its tensors leave a gap or overlap at byte ${end}` })
      end = to
    }
    if (begin + end !== bytes.length)
      return yield* new SafetensorsInvalid({ reason: `${bytes.length - begin - end} bytes follow its tensors` })
    return { parameters, metadata: yield* decode(Metadata, given, "__metadata__") }
  })

/** A table of weights as the bytes of a file; what makes it a model is in the file's metadata. Fails for another table. */
export const weightsFile = (table: Table) =>
  Effect.map(tensorsOf(table), (parameters) =>
    writeSafetensors({ parameters, metadata: Object.fromEntries(table.schema.metadata) }),
  )

/** The table of weights in a file. `metadata` is for a file that another tool wrote: `relent:schema`, `relent:kind`, `relent:header`. */
export const weightsTable = (bytes: Uint8Array, metadata: Safetensors["metadata"] = {}) =>
  Effect.map(readSafetensors(bytes), (file) => {
    const all = { ...file.metadata, ...metadata }
    return tensorTable(all["relent:schema"] ?? "tensors", file.parameters, all)
  })
