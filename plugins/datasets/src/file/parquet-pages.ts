/**
 * Checks the pages of a Parquet file before hyparquet reads them. It believes every count: a run of 2^30 equal values in a page of ten
 * would be written out, which takes minutes and all memory.
 */
import type { ColumnMetaData, Compressors, FileMetaData } from "hyparquet"
import { parquetHeader } from "hyparquet/src/column.js"
import { decompressPage } from "hyparquet/src/datapage.js"
import { deltaBinaryUnpack } from "hyparquet/src/delta.js"
import { readRleBitPackedHybrid } from "hyparquet/src/encoding.js"
import { getMaxDefinitionLevel, getMaxRepetitionLevel, getSchemaPath } from "hyparquet/src/schema.js"
import { readVarInt } from "hyparquet/src/thrift.js"
import { checkStruct, ParquetDamaged } from "./thrift.ts"

type Header = ReturnType<typeof parquetHeader>

/** Rows that a file of so many bytes has at most: few bytes can hold many rows, but not any number. */
const mostRows = (bytes: number) => 2 ** 24 + 64 * bytes
/** Bytes that a page unpacks to at most. */
const mostUnpacked = (bytes: number) => 2 ** 26 + 1024 * bytes
/** Runs are padded to eight values, and by some writers to more. */
const padding = 1024

const between = (what: string, found: number | bigint | undefined, most: number): number => {
  const number = Number(found)
  if (!(number >= 0 && number <= most)) throw new ParquetDamaged({ message: `${what} is ${found}, which can't be` })
  return number
}

/** Runs of values of so many bits, from `at` on: none is longer than the values that a page has. */
const checkRuns = (bytes: Uint8Array, at: number, width: number, values: number): void => {
  const reader = { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), offset: at }
  for (let seen = 0; seen < values && reader.offset < bytes.byteLength;) {
    const header = readVarInt(reader) >>> 0
    const packed = (header & 1) === 1
    const run = (header >>> 1) * (packed ? 8 : 1)
    between("the length of a run", run, values - seen + padding)
    seen += run
    reader.offset += packed ? (header >>> 1) * width : Math.ceil(width / 8)
  }
}

/** The bits of a level. */
const bits = (level: number) => 32 - Math.clz32(level)

interface Column {
  readonly type: ColumnMetaData["type"]
  /** The deepest levels of repetition and definition. */
  readonly levels: readonly [number, number]
}

const readerAt = (bytes: Uint8Array, offset: number) => ({
  view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength),
  offset,
})

/** Values in a block of differences, and its parts: writers have 128 to 1024, and 4 to 32. */
const [mostInBlock, mostParts] = [2 ** 16, 512]

/** The head of differences, by which their reader makes room. */
const checkDelta = (bytes: Uint8Array, at: number): void => {
  const reader = readerAt(bytes, at)
  const block = between("the size of a block", readVarInt(reader) >>> 0, mostInBlock)
  const parts = between("the number of a block's parts", readVarInt(reader) >>> 0, mostParts)
  if (parts === 0 || block === 0 || block % parts !== 0)
    throw new ParquetDamaged({ message: `a block of ${block} values is in ${parts} parts, which can't be` })
}

/** Texts, each the beginning of the one before it and what follows: no beginning is longer than what it is of. */
const checkTexts = (bytes: Uint8Array, at: number, count: number): void => {
  const reader = readerAt(bytes, at)
  const [beginnings, rests] = [0, 1].map(() => {
    checkDelta(bytes, reader.offset)
    const lengths = new Int32Array(count)
    deltaBinaryUnpack(reader, count, lengths)
    return lengths
  }) as [Int32Array, Int32Array]
  let [last, all] = [0, 0]
  for (let i = 0; i < count; i++) {
    last = between("what a text repeats", beginnings[i], last) + between("the length of a text", rests[i], bytes.length)
    all += last
  }
  between("the length of all texts", all, mostUnpacked(bytes.length))
}

/** The runs of a page's codes, or of truth values; the differences of numbers and of lengths. `present` of the values aren't null. */
const checkCodes = (
  data: Uint8Array,
  at: number,
  { type }: Column,
  encoding: string,
  values: number,
  present: () => number,
) => {
  if (encoding.startsWith("DELTA_")) {
    const count = present()
    if (count > 0 && encoding === "DELTA_BYTE_ARRAY") checkTexts(data, at, count)
    else if (count > 0) checkDelta(data, at)
  } else if (encoding === "RLE" || encoding.endsWith("_DICTIONARY")) {
    if (type === "BOOLEAN") checkRuns(data, at + 4, 1, values)
    else checkRuns(data, at + 1, data[at] ?? 0, values)
  }
}

/** How many of a page's values are there: those at the deepest level. */
const countAt = (level: number, bytes: Uint8Array, at: number, length: number, values: number): number => {
  const levels = Array.from({ length: values }, () => 0)
  readRleBitPackedHybrid(readerAt(bytes, at), bits(level), levels, length)
  return levels.filter((each) => each === level).length
}

/** A page whose levels stand before its values, packed with them. */
const checkFirst = (page: Uint8Array, column: Column, encoding: string, values: number): void => {
  const view = new DataView(page.buffer, page.byteOffset, page.byteLength)
  let at = 0
  let present = () => values
  for (const level of column.levels) {
    if (level === 0) continue
    checkRuns(page, at + 4, bits(level), values)
    const [start, length] = [at + 4, view.getUint32(at, true)]
    // The last ones are those of definition, if there are any.
    present = level === column.levels[1] ? () => countAt(level, page, start, length, values) : present
    at = start + length
  }
  checkCodes(page, at, column, encoding, values, present)
}

/** A page of the second version: its levels aren't packed. */
const checkSecond = (
  packed: Uint8Array,
  header: NonNullable<Header["data_page_header_v2"]>,
  column: Column,
  unpack: (part: Uint8Array, less: number) => Uint8Array,
): void => {
  const { num_values, encoding, is_compressed } = header
  const [repetition, definition] = [header.repetition_levels_byte_length, header.definition_levels_byte_length].map(
    (length) => between("the length of levels", length, packed.byteLength),
  ) as [number, number]
  const [deepest, deepestDefinition] = column.levels
  if (deepest > 0) checkRuns(packed, 0, bits(deepest), num_values)
  if (deepestDefinition > 0) checkRuns(packed, repetition, bits(deepestDefinition), num_values)
  const part = packed.subarray(repetition + definition)
  const data = is_compressed === false ? part : unpack(part, repetition + definition)
  checkCodes(data, 0, column, encoding ?? "", num_values, () =>
    between("the number of nulls", num_values - (header.num_nulls ?? 0), num_values),
  )
}

/** One column of a group of rows: its pages lie in its bytes, and together have its values. */
const checkColumn = (
  bytes: Uint8Array,
  meta: ColumnMetaData,
  column: Column,
  most: number,
  compressors: Compressors,
) => {
  const values = between("the number of values", meta.num_values, most)
  const start = between("the place of a column", meta.dictionary_page_offset || meta.data_page_offset, bytes.byteLength)
  const size = between("the size of a column", meta.total_compressed_size, bytes.byteLength - start)
  const reader = { view: new DataView(bytes.buffer, bytes.byteOffset + start, size), offset: 0 }
  let seen = 0
  while (seen < values && reader.offset < size - 1) {
    checkStruct(bytes, start + reader.offset)
    const header = parquetHeader(reader)
    const length = between("the size of a page", header.compressed_page_size, size - reader.offset)
    const unpacked = between("the size of a page", header.uncompressed_page_size, mostUnpacked(length))
    const packed = bytes.subarray(start + reader.offset, start + reader.offset + length)
    reader.offset += length
    const unpack = (part: Uint8Array, less = 0) => decompressPage(part, unpacked - less, meta.codec, compressors)
    const [first, second] = [header.data_page_header, header.data_page_header_v2]
    if (header.type === "DICTIONARY_PAGE") {
      between("the number of values", header.dictionary_page_header?.num_values, most)
      continue
    }
    const count = between("the number of values", (first ?? second)?.num_values, values - seen)
    seen += count
    if (first) checkFirst(unpack(packed), column, first.encoding ?? "", count)
    else if (second) checkSecond(packed, second, column, unpack)
  }
}

/** Checks the metadata at the end of the file, if there are any. Throws `ParquetDamaged`. */
export const checkFooter = (bytes: Uint8Array): void => {
  if (bytes.length < 12) return
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(bytes.length - 8, true)
  if (length <= bytes.length - 8) checkStruct(bytes, bytes.length - 8 - length)
}

/** Checks the columns of these names. Throws `ParquetDamaged`. */
export const checkPages = (
  bytes: Uint8Array,
  metadata: FileMetaData,
  names: ReadonlySet<string>,
  compressors: Compressors,
): void => {
  const most = mostRows(bytes.byteLength)
  between("the number of rows", metadata.num_rows, most)
  for (const group of metadata.row_groups) {
    between("the number of rows", group.num_rows, most)
    for (const { meta_data: meta } of group.columns) {
      if (meta === undefined || !names.has(meta.path_in_schema[0]!)) continue
      const path = getSchemaPath(metadata.schema, meta.path_in_schema)
      const levels = [getMaxRepetitionLevel(path), getMaxDefinitionLevel(path)] as const
      checkColumn(bytes, meta, { type: meta.type, levels }, most, compressors)
    }
  }
}
