/** Where the schema and the batches of a file lie. Nothing but metadata is read, and no length is believed unchecked. */
import type { FileHandle } from "node:fs/promises"
import type * as A from "apache-arrow"
import { readBytes } from "./bytes.ts"
import { Malformed } from "../ipc/flatbuffer.ts"
import { type Block, type FooterBlocks, readFooter, readMessage, readPrefix } from "../ipc/message.ts"

const magic = "ARROW1"
/** At the end of a file: the length of the footer, and the magic. */
const trailer = 4 + magic.length
const again = "it is damaged: make it again"
const cutOff = "it was cut off, or is being written: make it again"

/** Batches lie between `from` and the footer at `to`, in a file of `size` bytes, and no more of them than fit there. */
const checkBlocks = (blocks: ReadonlyArray<Block>, from: number, to: number, size: number): void => {
  let total = 0
  for (const { offset, head, body } of blocks) {
    const end = offset + head + body
    const sizes = [offset, head, body].every((n) => Number.isSafeInteger(n) && n >= 0)
    if (!sizes || head < 8 || offset < from || end > size) throw new Malformed("a batch lies outside the file", cutOff)
    if (end > to) throw new Malformed("a batch reaches into the footer", again)
    total += head + body
  }
  if (total > to) throw new Malformed("its batches overlap", again)
}

const locateInFile = async (file: FileHandle, size: number): Promise<FooterBlocks> => {
  const end = size < 8 + trailer ? "" : Buffer.from(await readBytes(file, size - trailer, trailer)).toString("latin1")
  if (!end.endsWith(magic)) throw new Malformed("its end is missing", cutOff)
  const length = Buffer.from(end, "latin1").readInt32LE(0)
  const start = size - trailer - length
  if (length <= 0 || start < 8) throw new Malformed("its footer has an impossible length", cutOff)
  const footer = readFooter(await readBytes(file, start, length))
  checkBlocks([...footer.dictionaries, ...footer.batches], 8, start, size)
  return footer
}

/** Messages one after the other, as over a wire: what some tools call an Arrow file, too. */
const locateInStream = async (file: FileHandle, size: number): Promise<FooterBlocks> => {
  let schema: A.Schema | undefined
  const dictionaries: Array<Block> = []
  const batches: Array<Block> = []
  for (let offset = 0; offset < size;) {
    const prefix = readPrefix(await readBytes(file, offset, Math.min(8, size - offset)))
    if (prefix === undefined) break
    const head = prefix.prefix + prefix.message
    if (offset + head > size) throw new Malformed("it ends within a message", cutOff)
    const message = readMessage(await readBytes(file, offset + prefix.prefix, prefix.message))
    const block = { offset, head, body: message.body, dictionaries: dictionaries.length }
    if (offset + head + block.body > size) throw new Malformed("it ends within a batch", cutOff)
    if ((message.kind === "schema") !== (schema === undefined)) throw new Malformed("it doesn't begin with one schema")
    if (message.kind === "schema") schema = message.schema
    else (message.kind === "rows" ? batches : dictionaries).push(block)
    offset += head + block.body
  }
  if (schema === undefined) throw new Malformed("it holds no schema")
  return { schema, dictionaries, batches }
}

const others: ReadonlyArray<readonly [start: string, what: string, hint: string]> = [
  ["PAR1", "it is a Parquet file", "read it as Parquet, or write it as Arrow IPC"],
  ["FEA1", "it is a Feather file of version 1", "write it as Arrow IPC (Feather version 2)"],
  ["\x1f\x8b", "it is compressed with gzip", "unpack it first"],
  ["\x28\xb5\x2f\xfd", "it is compressed with zstd", "unpack it first"],
  ["PK\x03\x04", "it is a zip archive", "unpack it first"],
]

/** Finds schema and batches. Rejects with `Malformed`. */
export const locate = async (
  file: FileHandle,
  size: number,
): Promise<FooterBlocks & { readonly kind: "file" | "stream" }> => {
  if (size === 0) throw new Malformed("it is empty", "whatever writes it stopped before its first byte")
  const start = Buffer.from(await readBytes(file, 0, Math.min(8, size))).toString("latin1")
  if (start.startsWith(magic)) return { kind: "file", ...(await locateInFile(file, size)) }
  if (start.startsWith("\xff\xff\xff\xff")) return { kind: "stream", ...(await locateInStream(file, size)) }
  const [, what, hint] = others.find(([prefix]) => start.startsWith(prefix)) ?? []
  throw new Malformed(what ?? "it isn't an Arrow file", hint ?? "give a file in Arrow's IPC format (Feather version 2)")
}
