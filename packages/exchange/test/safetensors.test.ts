import { Column, TableMismatch, TableSchema, tensorValue } from "@relent/arrow"
import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import { readSafetensors, SafetensorsInvalid, weightsFile, weightsTable, writeSafetensors } from "../src/index.ts"
import { weights } from "./golden.ts"

const read = (bytes: Uint8Array) => Effect.runPromise(readSafetensors(bytes))
const refused = async (bytes: Uint8Array) => {
  const error = await Effect.runPromise(Effect.flip(readSafetensors(bytes)))
  expect(error).toBeInstanceOf(SafetensorsInvalid)
  return error.message
}

const all = {
  parameters: {
    a: tensorValue("int32", Int32Array.of(5, -6)),
    "b/weight": tensorValue("float32", Float32Array.of(1, -2, 3.5, Infinity), [2, 2]),
    c: tensorValue("uint8", Uint8Array.of(255)),
    d: tensorValue("float64", Float64Array.of(1.25), []),
  },
  metadata: { who: "python" },
}

/** A file with this header, and so many bytes of tensors. */
const file = (header: string | object, size = 0) => {
  const json = new TextEncoder().encode(typeof header === "string" ? header : JSON.stringify(header))
  const bytes = new Uint8Array(8 + json.length + size)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true)
  bytes.set(json, 8)
  return bytes
}

describe("a safetensors file", () => {
  it("of Python's is read", async () => {
    expect(await read(weights)).toEqual(all)
  })
  it("comes back as it was written, in one order", async () => {
    const bytes = writeSafetensors(all)
    expect(await read(bytes)).toEqual(all)
    const { a, ...rest } = all.parameters
    expect(writeSafetensors({ ...all, parameters: { ...rest, a } })).toEqual(bytes)
    expect(await read(writeSafetensors({ parameters: {}, metadata: {} }))).toEqual({ parameters: {}, metadata: {} })
  })
  it("is read wherever it begins in a buffer", async () => {
    const shifted = new Uint8Array(weights.length + 3)
    shifted.set(weights, 3)
    expect(await read(shifted.subarray(3))).toEqual(all)
    expect(await read(Buffer.from(weights))).toEqual(all)
  })
  const f32 = (shape: ReadonlyArray<number>, from: number, to: number) => ({
    dtype: "F32",
    shape,
    data_offsets: [from, to],
  })
  const one = JSON.stringify(f32([1], 0, 4))
  it.each([
    [new Uint8Array(7), "it has 7 bytes"],
    [Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 255), "its header should have"],
    [file("{").subarray(0, 8), "its header should have 1 bytes"],
    [Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0, 255), "isn't UTF-8"],
    [file("{"), "its header: "],
    [file("[]"), "its header: "],
    [file({ a: 1 }), "tensor 'a': "],
    [file({ a: { ...f32([1], 0, 4), dtype: "BF16" } }, 4), "tensor 'a' is of BF16; relent has F64, F32, I32, U8"],
    [file({ a: { ...f32([1], 0, 4), dtype: "toString" } }, 4), "tensor 'a' is of toString"],
    [file({ a: f32([-1], 0, 4) }, 4), "tensor 'a': "],
    [file({ a: f32([2], 0, 4) }, 4), "tensor 'a' of shape [2] has the bytes 0 to 4"],
    [file({ a: f32([1], 0, 4) }, 3), "tensor 'a' of shape [1] has the bytes 0 to 4"],
    [file({ a: f32([2 ** 40], 0, 2 ** 42) }, 4), "tensor 'a' of shape [1099511627776]"],
    [file({ a: f32([1], 4, 8) }, 8), "a gap or overlap at byte 0"],
    [file({ a: f32([1], 0, 4), b: f32([1], 0, 4) }, 4), "a gap or overlap at byte 4"],
    [file({ a: f32([1], 0, 4) }, 5), "1 bytes follow its tensors"],
    [file({ __metadata__: { a: 1 } }), "__metadata__: "],
    [file(`{"a":${one},"a":${one}}`, 4), "its header: it has the key 'a' twice"],
    [file(`{"a":{"shape":[2]},"\\u0061" : ${one}}`, 4), "its header: it has the key 'a' twice"],
    [file(`{"a":${one.replace("{", '{"shape":[2],')}}`, 4), "its header: it has the key 'shape' twice"],
    [file(`{"__metadata__":{},"a":${one},"__metadata__":{}}`, 4), "its header: it has the key '__metadata__' twice"],
    [file(`{"__metadata__":{"\\"":"{","\\"":"}"},"a":${one}}`, 4), `its header: it has the key '"' twice`],
    [file(`{"a":${one.replace("[1]", "[1e0]")}}`, 4), "Expected a whole number, written in digits"],
    [file(`{"a":${one.replace("[1]", "[1.0]")}}`, 4), "Expected a whole number, written in digits"],
    [file(`{"a":${one.replace("[0,", "[-0,")}}`, 4), "Expected a whole number, written in digits"],
    [file({ a: f32([0, 2 ** 53], 0, 0) }), "tensor 'a': Expected a size below 2^53"],
    [file(`{"__metadata__":{"a":1e3}}`), "__metadata__: "],
    [file(` {"a":${one}}`, 4), "its header: it doesn't begin with {"],
    [file(`\ufeff{"a":${one}}`, 4), "its header: "],
    [file(`{"\\ud800":${one}}`, 4), `its header: "\\ud800" isn't a text`],
    [file(`{"__metadata__":{"a":"\\ud800"},"a":${one}}`, 4), `its header: "\\ud800" isn't a text`],
  ])("%# that isn't one says why", async (bytes, message) => {
    expect(await refused(bytes)).toContain(message)
  })
  it("may have one key in two objects, and words of its own in a tensor's", async () => {
    const { parameters, metadata } = await read(
      file(`{"__metadata__":{"a":"\\"a\\":","b":"a"} ,\n"a":${one.replace("{", '{"b":[1.5,{"dtype":"a"}],')}}  `, 4),
    )
    expect(parameters).toEqual({ a: tensorValue("float32", Float32Array.of(0)) })
    expect(metadata).toEqual({ a: '"a":', b: "a" })
  })
  it("with a hostile name changes nothing but itself", async () => {
    const { parameters } = await read(file(`{"__proto__": ${JSON.stringify(f32([1], 0, 4))}}`, 4))
    expect(Object.keys(parameters)).toEqual(["__proto__"])
    expect(({} as { dtype?: string }).dtype).toBeUndefined()
  })
})

describe("a table of weights", () => {
  it("keeps what makes it a model; a file of another tool is told", async () => {
    const table = await Effect.runPromise(weightsTable(weights, { "relent:kind": "mlp" }))
    expect(Object.fromEntries(table.schema.metadata)).toEqual({
      "relent:schema": "tensors",
      "relent:kind": "mlp",
      who: "python",
    })
    const again = await Effect.runPromise(Effect.flatMap(weightsFile(table), weightsTable))
    expect(Object.fromEntries(again.schema.metadata)).toEqual(Object.fromEntries(table.schema.metadata))
    expect((await read(await Effect.runPromise(weightsFile(again)))).parameters).toEqual(all.parameters)
  })
  it("is no other table", async () => {
    const Scores = TableSchema.make("toy/scores", 1, { score: Column.float64 })
    const error = await Effect.runPromise(Effect.flip(weightsFile(Scores.make({ score: [1] }).arrow)))
    expect(error).toBeInstanceOf(TableMismatch)
  })
})
