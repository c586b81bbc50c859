"""Writes what tools/fuzz begins with and Arrow's JavaScript can't write: fixtures.py FOLDER."""

import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.ipc
import pyarrow.parquet

folder = Path(sys.argv[1])
n = range(6)
odd = [None if i % 4 == 1 else i for i in n]


def tensor(value_type, shape, values):
    type_ = pa.fixed_shape_tensor(value_type, shape)
    return pa.ExtensionArray.from_storage(type_, pa.array(values, type_.storage_type))


def write(name, table, new, chunk=None, **options):
    with new(str(folder / f"{name}.arrow"), table.schema, options=pa.ipc.IpcWriteOptions(**options)) as writer:
        writer.write_table(table, max_chunksize=chunk)


tables = pa.table(
    {
        "id": pa.array(n, pa.int32()),
        "flag": pa.array([None if v is None else v % 2 == 0 for v in odd], pa.bool_()),
        "double": pa.array([float("nan") if i == 2 else i / 3 for i in n], pa.float64()),
        "text": pa.array([None if v is None else "ä☃"[: v % 3] for v in odd], pa.string()),
        "point": tensor(pa.float32(), [2, 1], [[i, -i] for i in n]),
        "words": pa.array([None if v is None else ["a", ""][: v % 3] for v in odd], pa.list_(pa.string())),
    },
    metadata={"note": "ä"},
)
types = pa.table(
    {
        "large": pa.array(["a", None, "ä", "", "b", "c"], pa.large_string()),
        "half": pa.array([0.5] * 6, pa.float16()),
        "when": pa.array(odd, pa.timestamp("us", tz="UTC")),
        "day": pa.array(n, pa.date64()),
        "hour": pa.array(n, pa.time32("s")),
        "lasting": pa.array(n, pa.duration("ms")),
        "money": pa.array(n, pa.decimal128(10, 2)),
        "fixed": pa.array([b"abc"] * 6, pa.binary(3)),
        "mapped": pa.array([[("a", 1)], [], None, [("b", None)], [], []], pa.map_(pa.string(), pa.int32())),
        "record": pa.array([{"a": 1, "b": [1]}, None] * 3, pa.struct({"a": pa.int16(), "b": pa.list_(pa.int8())})),
        "longList": pa.array([[1], None, [], [2, 3], [], []], pa.large_list(pa.int64())),
        "nothing": pa.nulls(6),
    }
)
coded = pa.table(
    {
        "code": pa.DictionaryArray.from_arrays(pa.array([0, None, 1, 0, 2, 1], pa.int8()), pa.array(["a", "b", "c"])),
        "number": pa.DictionaryArray.from_arrays(pa.array([1, 0, 1, 0, 1, 0], pa.uint16()), pa.array([1.5, None])),
    }
)
write("relent", tables, pa.ipc.new_file, chunk=4)
write("types", types, pa.ipc.new_stream, chunk=4)
write("coded", coded, pa.ipc.new_stream, chunk=3)
write("v4", tables.select(["id", "text"]), pa.ipc.new_file, metadata_version=pa.ipc.MetadataVersion.V4)
write("legacy", tables.select(["id", "words"]), pa.ipc.new_stream, use_legacy_format=True)
write("zstd", tables, pa.ipc.new_stream, compression="zstd")
schema = pa.schema({"text": pa.dictionary(pa.int32(), pa.string())})
with pa.ipc.new_stream(str(folder / "delta.arrow"), schema, options=pa.ipc.IpcWriteOptions(emit_dictionary_deltas=True)) as writer:
    for words in [["a", "b"], ["a", "b", "c"], ["a", "b", "c", "d"]]:
        codes = pa.DictionaryArray.from_arrays(pa.array([len(words) - 1, 0], pa.int32()), pa.array(words))
        writer.write_batch(pa.record_batch({"text": codes}))

plain = pa.table(
    {
        "id": pa.array(n, pa.int32()),
        "flag": pa.array([None if v is None else v % 2 == 0 for v in odd], pa.bool_()),
        "double": pa.array([float("nan") if i == 2 else i / 3 for i in n], pa.float64()),
        "text": pa.array([None if v is None else "ä☃"[: v % 3] for v in odd], pa.string()),
        "words": pa.array([None if v is None else ["a", ""][: v % 3] for v in odd], pa.list_(pa.string())),
    }
)
for name, options in {
    "snappy": {"compression": "snappy", "row_group_size": 4},
    "gzip": {"compression": "gzip"},
    "zstd": {"compression": "zstd", "data_page_version": "2.0"},
    "brotli": {"compression": "brotli", "use_dictionary": False},
    "delta": {
        "compression": "none",
        "use_dictionary": False,
        "column_encoding": {"id": "DELTA_BINARY_PACKED", "text": "DELTA_BYTE_ARRAY", "double": "BYTE_STREAM_SPLIT"},
    },
}.items():
    pyarrow.parquet.write_table(plain, folder / f"{name}.parquet", store_schema=False, write_statistics=False, **options)
