"""Writes files that relent may meet, and what is in them as JSON: write.py FOLDER."""

import json
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.feather
import pyarrow.ipc
import pyarrow.parquet

from values import cells

folder = Path(sys.argv[1])
ROWS = 29


def tensor(value_type, shape, values, **options):
    """A tensor column from its elements."""
    type_ = pa.fixed_shape_tensor(value_type, shape, **options)
    return pa.ExtensionArray.from_storage(type_, pa.array(values, type_.storage_type))


def every(rows=ROWS):
    """Columns of all of relent's types as pyarrow users make them: nullable fields throughout."""
    n = range(rows)
    odd = [None if i % 4 == 1 else i for i in n]
    return pa.table(
        {
            "id": pa.array(n, pa.int32()),
            "flag": pa.array([i % 3 == 0 for i in n], pa.bool_()),
            "long": pa.array([2**53 + i for i in n], pa.int64()),
            "single": pa.array([float("nan") if i == 2 else i / 2 for i in n], pa.float32()),
            "double": pa.array([float("-inf") if i == 3 else i / 3 for i in n], pa.float64()),
            "text": pa.array(["", "ä☃𝄞", "x" * 40] * rows, pa.string()).slice(0, rows),
            "bytes": pa.array([bytes([i % 256] * (i % 3)) for i in n], pa.binary()),
            "image": tensor(pa.uint8(), [2, 2], [[i % 256, 1, 2, 255] for i in n]),
            "point": tensor(pa.float32(), [2, 1, 2], [[i, 1.5, -2, 0] for i in n], dim_names=["a", "b", "c"]),
            "matrix": pa.array([[i, i / 7] for i in n], pa.list_(pa.float64(), 2)),
            "ids": pa.array([list(range(i % 3)) for i in n], pa.list_(pa.int32())),
            "weights": pa.array([[i / 2] * (i % 2) for i in n], pa.list_(pa.float32())),
            "words": pa.array([["ä", ""][: i % 3] for i in n], pa.list_(pa.string())),
            "maybeFlag": pa.array([None if v is None else v % 2 == 0 for v in odd], pa.bool_()),
            "maybeInt": pa.array(odd, pa.int32()),
            "maybeText": pa.array([None if v is None else str(v) for v in odd], pa.string()),
            "maybePoint": tensor(pa.float32(), [2], [None if v is None else [v, 1] for v in odd]),
            "maybeWords": pa.array([None if v is None else [str(v)] for v in odd], pa.list_(pa.string())),
        }
    )


def describe(name, table):
    columns = {column: cells(table.column(column)) for column in table.column_names}
    (folder / f"{name}.json").write_text(json.dumps({"rows": table.num_rows, "columns": columns}))


def ipc(name, table, new=pa.ipc.new_file, chunk=None, described=True, **options):
    with new(str(folder / f"{name}.arrow"), table.schema, options=pa.ipc.IpcWriteOptions(**options)) as writer:
        writer.write_table(table, max_chunksize=chunk)
    if described:
        describe(name, table)


table = every()
stream = pa.ipc.new_stream
ipc("file", table)
ipc("stream", table, stream)
ipc("file-batches", table, chunk=5)
ipc("stream-batches", table, stream, chunk=5)
ipc("zstd", table, compression="zstd")
ipc("zstd-stream", table, stream, chunk=9, compression="zstd")
# Slices begin inside bytes of bitmaps and inside offsets.
ipc("sliced", every(64).slice(13, ROWS))
ipc("chunked", pa.concat_tables([every(40).slice(3, 9), every(40).slice(11, 1), every(40).slice(0, 0), every(40).slice(30)]))
ipc("empty", table.slice(0, 0))
ipc("no-batches", table.schema.empty_table(), stream)
ipc("old-format", table, use_legacy_format=True)
ipc("v4", table, metadata_version=pa.ipc.MetadataVersion.V4)
ipc("metadata", table.replace_schema_metadata({"pandas": "{}", "ä": "☃"}))
pyarrow.feather.write_feather(table, folder / "feather.arrow", compression="uncompressed")
describe("feather", table)

# Dictionaries: of texts, in one batch, in several, growing from batch to batch.
texts = table.select(["id", "text", "maybeText"])
coded = texts.set_column(1, "text", texts["text"].dictionary_encode()).set_column(2, "maybeText", texts["maybeText"].dictionary_encode())
for name, new in [("coded", pa.ipc.new_file), ("coded-stream", stream)]:
    ipc(name, coded, new, chunk=6, described=False)
    describe(name, texts)
with stream(str(folder / "delta.arrow"), pa.schema({"text": pa.dictionary(pa.int32(), pa.string())}), options=pa.ipc.IpcWriteOptions(emit_dictionary_deltas=True)) as writer:
    for words in [["a", "b"], ["a", "b", "c"], ["a", "b", "c", "d"]]:
        codes = pa.DictionaryArray.from_arrays(pa.array([len(words) - 1, 0], pa.int32()), pa.array(words))
        writer.write_batch(pa.record_batch({"text": codes}))
describe("delta", pa.table({"text": ["b", "a", "c", "a", "d", "a"]}))
with stream(str(folder / "replaced.arrow"), pa.schema({"text": pa.dictionary(pa.int32(), pa.string())})) as writer:
    for words in [["a", "b"], ["x", "y"]]:
        writer.write_batch(pa.record_batch({"text": pa.DictionaryArray.from_arrays(pa.array([0, 1], pa.int32()), pa.array(words))}))

# What relent must refuse in words.
n = range(6)
odd = {
    "large": pa.array(["a"] * 6, pa.large_string()),
    "wide": pa.array(n, pa.int64()),
    "narrow": pa.array(n, pa.int16()),
    "unsigned": pa.array(n, pa.uint32()),
    "half": pa.array([0.5] * 6, pa.float16()),
    "when": pa.array(n, pa.timestamp("us", tz="UTC")),
    "day": pa.array(n, pa.date32()),
    "money": pa.array(n, pa.decimal128(10, 2)),
    "mapped": pa.array([[("a", 1)]] * 6, pa.map_(pa.string(), pa.int32())),
    "record": pa.array([{"a": 1}] * 6, pa.struct({"a": pa.int32()})),
    "doubles": pa.array([[0.5]] * 6, pa.list_(pa.float64())),
    "longList": pa.array([[1]] * 6, pa.large_list(pa.int32())),
    "holes": pa.array([1, None, 3, 4, 5, 6], pa.int32()),
    "inner": pa.array([[1, None]] * 6, pa.list_(pa.int32())),
    "pierced": tensor(pa.float32(), [2], [[0.0, None]] * 6),
    "turned": tensor(pa.float32(), [2, 3], [[0.0] * 6] * 6, permutation=[1, 0]),
    "shaped": tensor(pa.float32(), [3, 2], [[0.0] * 6] * 6),
    "nothing": pa.nulls(6),
}
ipc("odd", pa.table(odd), described=False)
ipc("odd-stream", pa.table(odd), stream, described=False)
ipc("string-view", pa.table({"seen": pa.array(["a" * 20], pa.string_view())}), described=False)
ipc("runs", pa.table({"runs": pa.RunEndEncodedArray.from_arrays([3], [1])}), described=False)
ipc("lz4", table, compression="lz4", described=False)

# Parquet and CSV, for datasets/read-table.
plain = table.drop_columns(["image", "point", "maybePoint", "matrix"])
for name, options in {
    "snappy": {},
    "gzip": {"compression": "gzip", "row_group_size": 7},
    "zstd": {"compression": "zstd", "data_page_version": "2.0", "data_page_size": 64},
    "brotli": {"compression": "brotli", "use_dictionary": False},
    "none": {"compression": "none", "version": "1.0", "store_schema": False},
    "delta": {"use_dictionary": False, "column_encoding": {"id": "DELTA_BINARY_PACKED", "text": "DELTA_BYTE_ARRAY", "double": "BYTE_STREAM_SPLIT"}},
}.items():
    pyarrow.parquet.write_table(plain, folder / f"parquet-{name}.parquet", **options)
    describe(f"parquet-{name}", plain)
pyarrow.parquet.write_table(table, folder / "parquet-tensors.parquet")
describe("parquet-tensors", table)
pyarrow.parquet.write_table(plain, folder / "parquet-lz4.parquet", compression="lz4")
pyarrow.parquet.write_table(plain.slice(0, 0), folder / "parquet-empty.parquet")
describe("parquet-empty", plain.slice(0, 0))
pyarrow.parquet.write_table(pa.table({"when": odd["when"], "money": odd["money"]}), folder / "parquet-odd.parquet")

scalars = table.select(["id", "flag", "long", "single", "double", "text", "maybeFlag", "maybeInt", "maybeText"])
pyarrow.csv.write_csv(scalars, folder / "csv.csv")
describe("csv", scalars)
