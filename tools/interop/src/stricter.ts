/** Where relent and Python's readers differ on purpose. Whatever else only one of them reads is a difference. */

/** Why relent refuses what Python reads, and what it says then. */
export const stricter: ReadonlyArray<readonly [why: string, message: RegExp]> = [
  ["streams begin with a mark since Arrow 0.15", /^it isn't an Arrow file$|^it ends within a message$/],
  ["one dictionary a column", /^it replaces a dictionary midway$/],
  ["a batch has the columns of the schema, and nothing more", /^a batch has other columns than the schema$/],
  ["columns lie in their batch, also the parts that aren't needed", /^a column lies outside its batch$/],
  ["columns are aligned in their batch", /^a column lies askew in its batch$/],
  ["dictionaries are sound, also where no code refers to them", /^column 'dictionary' (counts|has|refers|isn't)/],
  ["lengths are told right, also where nothing depends on them", /^its metadata is damaged: a table is larger than/],
  [
    "lengths are told right, also where nothing depends on them",
    /^a compressed column has another length than it says$|^a batch has another length than the footer says$/,
  ],
  [
    "columns have names of their own, since they are looked up by them",
    /^a column has no name$|^column '.*' is there twice$/,
  ],
  ["no number is beyond what a file can hold", /is not safe to convert to a number/],
  [
    "batches lie one beside the other, and in front of the footer",
    /^a batch reaches into the footer$|^its batches overlap$/,
  ],
  ["nulls are counted, where pyarrow takes -1 for unknown", /^column '.*' counts -1 nulls$/],
  [
    "buffers are whole, also the bits of nulls where there are none",
    /^a compressed column (is too short|has bytes behind its end)$/,
  ],
  [
    "nothing is compressed by an Arrow before 1.0",
    /^it was written by an Arrow older than 1.0, which doesn't compress$/,
  ],
  ["no column is of a type that can't be read, be it empty", /, which relent can't read$/],
  ["units and sizes are some that exist", /is of no sound type: .*(Float-?\d+|<undefined)/],
  ["the footer's version is checked too", /^it was written by an Arrow (older than 0.8|newer than relent knows)$/],
  [
    "safetensors: no key stands twice, says the format; Python takes the last",
    /^its header: it has the key '.*' twice$/s,
  ],
  ["safetensors: the header begins with {, says the format", /^its header: it doesn't begin with \{$/],
  ["safetensors: no size is beyond a JavaScript integer", /^tensor '.*': Expected a size below 2\^53\n/s],
  ["texts are UTF-8, those of the metadata too", /^its metadata is damaged: a text isn't UTF-8$/],
]

/** Why relent reads what pyarrow refuses, and what pyarrow says then. */
export const laxer: ReadonlyArray<readonly [why: string, message: RegExp]> = [
  [
    "Arrow's JavaScript (21.2) writes the packed length of a buffer where the unpacked one belongs",
    /^OSError: (ZSTD decompression failed: Destination buffer is too small|Corrupt ZSTD compressed data\.)$/,
  ],
  ["pyarrow's Python has no arrays of months, nor of days and milliseconds", /^KeyError: (21|22)$/],
]
