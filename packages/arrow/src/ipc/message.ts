/** Footers, messages and batches of an Arrow file, each checked before Arrow's own classes read it. */
import * as A from "apache-arrow"
import { Footer } from "apache-arrow/ipc/metadata/file"
import { type DictionaryBatch, Message as ArrowMessage, type RecordBatch } from "apache-arrow/ipc/metadata/message"
import { VectorLoader } from "apache-arrow/visitor/vectorloader"
import { batchOf } from "../build.ts"
import { unpack } from "./compression.ts"
import { footerSlots, Malformed, messageSlots, verify } from "./flatbuffer.ts"
import { checkData, checkNode, expectedLayout } from "./layout.ts"
import { checkSchema } from "./schema.ts"

/** Where a message and its body lie in a file. */
export interface Block {
  readonly offset: number
  /** The message with its prefix. */
  readonly head: number
  readonly body: number
  /** Of a batch in a stream: how many dictionaries stand before it. Those of a file hold for all its batches. */
  readonly dictionaries?: number
}

export type Dictionaries = ReadonlyMap<number, A.Vector>

/** Runs code of Arrow's on bytes that are checked; whatever it still throws is about these bytes. */
const guard = <T>(run: () => T): T => {
  try {
    return run()
  } catch (error) {
    if (error instanceof Malformed) throw error
    throw new Malformed(`its bytes make no sense: ${error instanceof Error ? error.message : String(error)}`)
  }
}

const checkVersion = (version: A.MetadataVersion) => {
  if (version < A.MetadataVersion.V4) throw new Malformed("it was written by an Arrow older than 0.8", "write it again")
  if (version > A.MetadataVersion.V5) throw new Malformed("it was written by an Arrow newer than relent knows")
}

/** A batch that holds what its version knows: others take its compressed bytes for values. */
const fromItsTime = (version: A.MetadataVersion, batch: RecordBatch): RecordBatch => {
  if (batch.compression && version < A.MetadataVersion.V5)
    throw new Malformed("it was written by an Arrow older than 1.0, which doesn't compress", "write it again")
  return batch
}

export interface FooterBlocks {
  readonly schema: A.Schema
  readonly dictionaries: ReadonlyArray<Block>
  readonly batches: ReadonlyArray<Block>
}

/** The footer of a file: its schema, and where its batches lie. Throws `Malformed`. */
export const readFooter = (bytes: Uint8Array): FooterBlocks =>
  guard(() => {
    verify(bytes, footerSlots)
    const footer = Footer.decode(bytes)
    checkVersion(footer.version)
    checkSchema(footer.schema)
    const block = ({
      offset,
      metaDataLength,
      bodyLength,
    }: {
      offset: number
      metaDataLength: number
      bodyLength: number
    }) => ({
      offset,
      head: metaDataLength,
      body: bodyLength,
    })
    const dictionaries = Array.from(footer.dictionaryBatches(), block)
    return { schema: footer.schema, dictionaries, batches: Array.from(footer.recordBatches(), block) }
  })

/** The length of a message's prefix and of the message; undefined where a stream ends. Throws `Malformed`. */
export const readPrefix = (bytes: Uint8Array): { readonly prefix: number; readonly message: number } | undefined => {
  if (bytes.byteLength < 8) throw new Malformed("it ends within a message")
  const view = new DataView(bytes.buffer, bytes.byteOffset, 8)
  const continued = view.getInt32(0, true) === -1
  const message = view.getInt32(continued ? 4 : 0, true)
  if (message < 0) throw new Malformed("a message has a negative length")
  return message === 0 ? undefined : { prefix: continued ? 8 : 4, message }
}

/** What a message says; rows and dictionaries are in the body that follows it. */
export type Message =
  | { readonly kind: "schema"; readonly schema: A.Schema; readonly body: number }
  | { readonly kind: "rows"; readonly header: RecordBatch; readonly body: number }
  | { readonly kind: "dictionary"; readonly header: DictionaryBatch; readonly body: number }

/** A message, and the length of the body that follows. Throws `Malformed`. */
export const readMessage = (bytes: Uint8Array): Message =>
  guard(() => {
    verify(bytes, messageSlots)
    const message = ArrowMessage.decode(bytes)
    checkVersion(message.version)
    const body = message.bodyLength
    if (!(body >= 0)) throw new Malformed("a body has a negative length")
    if (message.isSchema()) {
      const schema = message.header()
      checkSchema(schema)
      return { kind: "schema", schema, body }
    }
    if (message.isRecordBatch()) return { kind: "rows", header: fromItsTime(message.version, message.header()), body }
    if (message.isDictionaryBatch()) {
      const header = message.header()
      fromItsTime(message.version, header.data)
      return { kind: "dictionary", header, body }
    }
    throw new Malformed("it holds a message that isn't a batch")
  })

/** The columns of these fields in a body. Throws `Malformed`. */
const loadColumns = (
  fields: ReadonlyArray<A.Field>,
  header: RecordBatch,
  body: Uint8Array,
  dictionaries: Dictionaries,
): ReadonlyArray<A.Data> => {
  const expected = expectedLayout(fields)
  if (header.nodes.length !== expected.nodes.length || header.buffers.length !== expected.buffers)
    throw new Malformed("a batch has other columns than the schema")
  header.nodes.forEach((node, i) => checkNode(expected.nodes[i]!, node))
  for (const { offset, length } of header.buffers)
    if (offset < 0 || length < 0 || offset + length > body.byteLength)
      throw new Malformed("a column lies outside its batch")
  if (header.buffers.some(({ offset, length }) => length > 0 && offset % 8 !== 0))
    throw new Malformed("a column lies askew in its batch")
  const { regions, bytes } = header.compression ? unpack(header, body) : { regions: header.buffers, bytes: body }
  // Typed arrays begin at multiples of their element, whatever the body was cut out of.
  const aligned = bytes.byteOffset % 8 === 0 ? bytes : new Uint8Array(bytes)
  const columns = new VectorLoader(aligned, header.nodes, regions, new Map(dictionaries)).visitMany([...fields])
  columns.forEach((data, i) => {
    const { name } = fields[i]!
    if (data.length !== header.length)
      throw new Malformed(`column '${name}' has ${data.length} rows, its batch ${header.length}`)
    checkData(name, data, header.length)
  })
  return columns
}

/** A record batch from its message and body. Throws `Malformed`. */
export const loadBatch = (
  schema: A.Schema,
  message: Message,
  body: Uint8Array,
  dictionaries: Dictionaries,
): A.RecordBatch =>
  guard(() => {
    if (message.kind !== "rows") throw new Malformed("a message isn't a batch of rows")
    const { header } = message
    return batchOf(schema, loadColumns(schema.fields, header, body, dictionaries), header.length)
  })

/** The dictionaries with one more, or with more values of one, from its message and body. Throws `Malformed`. */
export const loadDictionary = (
  schema: A.Schema,
  message: Message,
  body: Uint8Array,
  dictionaries: Dictionaries,
): Dictionaries =>
  guard(() => {
    if (message.kind !== "dictionary") throw new Malformed("a message isn't a dictionary")
    const { id, data, isDelta } = message.header
    const type = schema.dictionaries.get(id)
    if (type === undefined) throw new Malformed("a dictionary belongs to no column")
    const known = dictionaries.get(id)
    if (known !== undefined && !isDelta)
      throw new Malformed("it replaces a dictionary midway", "decode its dictionaries first")
    const [values] = loadColumns([new A.Field("dictionary", type, true)], data, body, dictionaries)
    const more = new A.Vector([values!])
    return new Map(dictionaries).set(id, known === undefined ? more : known.concat(more))
  })

/** A table of these batches. Arrow refuses a schema that it can't compare with itself: one of unknown units, say. */
export const tableOf = (schema: A.Schema, batches: ReadonlyArray<A.RecordBatch>): A.Table =>
  guard(() => new A.Table(schema, [...batches]))
