/** Tables from the bytes of a canonical file that were verified already; values stay where they are. */
import type * as A from "apache-arrow"
import { Malformed } from "../ipc/flatbuffer.ts"
import { loadBatch, readMessage, readPrefix, tableOf } from "../ipc/message.ts"

/** The magic before the schema message: what is left is a stream. */
const magicLength = 8

/** The message at `start`, and where its body lies. */
const messageAt = (bytes: Uint8Array, start: number) => {
  const prefix = readPrefix(bytes.subarray(start))
  if (prefix === undefined) return undefined
  const from = start + prefix.prefix
  const message = readMessage(bytes.subarray(from, from + prefix.message))
  const body = from + prefix.message
  return { message, body, end: body + message.body }
}

/** The schema at the head of a canonical file. Throws `Malformed`. */
export const readHead = (head: Uint8Array): A.Schema => {
  const message = messageAt(head, magicLength)?.message
  if (message?.kind !== "schema") throw new Malformed("it doesn't begin with a schema")
  return message.schema
}

const batchAt = (schema: A.Schema, bytes: Uint8Array, start: number) => {
  const found = messageAt(bytes, start)
  if (found === undefined) return undefined
  const { message, body, end } = found
  return { batch: loadBatch(schema, message, bytes.subarray(body, end), new Map()), end }
}

/** Reads verified pieces, which were taken out of one file: the head, and one batch. */
export const decodeBatch = (head: Uint8Array, batch: Uint8Array): A.Table => {
  const schema = readHead(head)
  const found = batchAt(schema, batch, 0)
  if (found === undefined) throw new Malformed("there is no batch")
  return tableOf(schema, [found.batch])
}

/** Reads a whole verified file without its tail. */
export const decodeTable = (file: Uint8Array): A.Table => {
  const schema = readHead(file)
  const batches: Array<A.RecordBatch> = []
  let at = messageAt(file, magicLength)!.end
  for (;;) {
    const found = batchAt(schema, file, at)
    if (found === undefined) return tableOf(schema, batches)
    batches.push(found.batch)
    at = found.end
  }
}
