/** Cases that fuzzing found, each with what its reader says now: `tools/fuzz/found`. */
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { type TargetName, targets } from "../src/index.ts"

const found = join(import.meta.dirname, "../found")

/** By target and file: the reader that was wrong, and why it refuses. */
const reasons: { readonly [target in TargetName]?: { readonly [file: string]: readonly [string, string] } } = {
  // One of pyarrow and relent read each of these, most of them relent.
  arrow: {
    "batch-in-footer.arrow": ["file", "a batch reaches into the footer"],
    "batches-overlap.arrow": ["file", "its batches overlap"],
    "body-of-another-length.arrow": ["file", "a batch has another length than the footer says"],
    "bytes-behind-compressed.arrow": ["stream", "a compressed column has bytes behind its end"],
    "codes-of-no-type.arrow": ["stream", "its metadata is damaged: a part is missing"],
    // Arrow's JavaScript can't compare such schemas with themselves.
    "column-named-twice.arrow": ["file", "column 'i' is there twice"],
    "column-without-name.arrow": ["stream", "a column has no name"],
    "compressed-cut-off.arrow": ["stream", "a compressed column is cut off"],
    "compressed-too-early.arrow": ["stream", "it was written by an Arrow older than 1.0, which doesn't compress"],
    "compressed-without-checksum.arrow": ["stream", "a compressed column is cut off"],
    "decimal-without-digits.arrow": ["stream", "column 'money' is of no sound type"],
    "dictionary-missing.arrow": ["stream", "a dictionary is missing"],
    "dictionary-of-two-types.arrow": ["stream", "columns of two types share a dictionary"],
    "dictionary-too-late.arrow": ["stream", "column 'text' refers to values beyond its dictionary"],
    "fields-missing.arrow": ["stream", "its metadata is damaged: a part is missing"],
    "half-a-day.arrow": ["stream", "column 'day' holds what is no whole day"],
    "half-a-slot.arrow": ["stream", "its metadata is damaged: a table has half a slot"],
    "integer-without-bits.arrow": ["stream", "column 'id' is of no sound type: Uint0"],
    "key-missing.arrow": ["file", "its metadata is damaged: a part is missing"],
    "kind-missing.arrow": ["stream", "its metadata is damaged: a part is missing"],
    // A typed array of a negative length was asked for.
    "negative-width.arrow": ["stream", "column 'fixed' is of no sound type: FixedSizeBinary[-2147483648]"],
    // Both read it, relent with other characters than were there.
    "metadata-not-utf8.arrow": ["file", "its metadata is damaged: a text isn't UTF-8"],
    "nothing-that-isnt-packed.arrow": ["stream", "its bytes make no sense: Unknown frame descriptor"],
    "nulls-uncounted.arrow": ["file", "counts -1 nulls"],
    "offset-of-zero.arrow": ["stream", "its metadata is damaged: a part refers to itself"],
    "tensor-of-another-size.arrow": ["file", "column 'point' is a tensor of shape [2, 1] that has 1 elements"],
    "tensor-without-metadata.arrow": ["file", "column 'point' is a tensor without a shape"],
    "text-without-end.arrow": ["file", "its metadata is damaged: a text has no end"],
    "type-missing.arrow": ["stream", "its metadata is damaged: a part is missing"],
    "union-without-rows.arrow": ["stream", "which relent can't read"],
    // pyarrow takes it for seconds.
    "unit-unknown.arrow": ["file", "column 'when' is of no sound type: Timestamp<undefined>"],
    "version-newer.arrow": ["stream", "it was written by an Arrow newer than relent knows"],
  },
  csv: {
    // Whether its 50,000 digits are a number took half a minute.
    "digits-without-end.csv": ["declared", "row 2 (line 5), column 'id': wanted int32"],
  },
  // hyparquet came to no end with the first and the last, and asked for 256 MiB with the other.
  parquet: {
    "columns-without-end.parquet": ["parquet", "parquet schema element not found"],
    "list-without-end.parquet": ["parquet", "its metadata are damaged"],
    // Written out, such a run took all memory, and the process with it.
    "run-of-a-milliard.parquet": ["parquet", "the length of a run is 1073741823, which can't be"],
    "run-without-end.parquet": ["parquet", "the size of a column is 1038, which can't be"],
    // Room was made for whatever it said.
    "text-repeats-nothing.parquet": ["parquet", "what a text repeats is 63, which can't be"],
  },
}

describe.each(Object.entries(reasons))("a damaged file for %s", async (name, files) => {
  const { read } = await targets[name as TargetName]()
  it.each(Object.entries(files))("%s", async (file, [reader, reason]) => {
    const reading = (await read(readFileSync(join(found, name, file))))[reader]!
    expect("refused" in reading ? reading.refused : "it was read").toContain(reason)
  })
  it("has its reason", () => expect(readdirSync(join(found, name)).toSorted()).toEqual(Object.keys(files).toSorted()))
})
