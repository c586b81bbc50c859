"""Compares what relent wrote with what it says is there: read.py FOLDER [EXPORTS]."""

import json
import re
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.ipc
import pyarrow.parquet

from values import cells

PLAIN = {
    "bool": pa.bool_(),
    "uint8": pa.uint8(),
    "int32": pa.int32(),
    "int64": pa.int64(),
    "float32": pa.float32(),
    "float64": pa.float64(),
    "utf8": pa.string(),
    "binary": pa.binary(),
}
failures = []


def same(what, found, wanted):
    if found != wanted:
        failures.append(f"{what}: {str(found)[:300]} != {str(wanted)[:300]}")


def field_of(name, words):
    """The field that relent's words for a column promise."""
    type_, nullable = re.subn("^nullable ", "", words)
    if list_ := re.match(r"list of (\w+)$", type_):
        arrow = pa.list_(pa.field("item", PLAIN[list_[1]], nullable=False))
    elif tensor := re.match(r"tensor (\w+)\[(.*)\]$", type_):
        arrow = pa.fixed_shape_tensor(PLAIN[tensor[1]], [int(size) for size in tensor[2].split(",") if size])
    else:
        arrow = PLAIN[type_]
    return pa.field(name, arrow, nullable=bool(nullable))


def check_schema(what, schema, wanted, metadata=True):
    fields = [field_of(column["name"], column["type"]) for column in wanted["columns"]]
    same(f"{what}: names", schema.names, [field.name for field in fields])
    for found, field in zip(schema, fields):
        if isinstance(field.type, pa.FixedShapeTensorType):
            same(f"{what}: class of {field.name}", type(found.type), pa.FixedShapeTensorType)
            same(f"{what}: shape of {field.name}", found.type.shape, field.type.shape)
            same(f"{what}: element of {field.name}", found.type.value_type, field.type.value_type)
        else:
            same(f"{what}: type of {field.name}", found.type, field.type)
        same(f"{what}: nullability of {field.name}", found.nullable, field.nullable)
    if metadata:
        found = {key.decode(): value.decode() for key, value in (schema.metadata or {}).items()}
        same(f"{what}: metadata", found, wanted["metadata"])


def check_values(what, table, wanted):
    table.validate(full=True)
    same(f"{what}: rows", table.num_rows, len(wanted["rows"]))
    for i, column in enumerate(wanted["columns"]):
        same(f"{what}: values of {column['name']}", cells(table.column(i)), [row[i] for row in wanted["rows"]])


def check_ipc(path, wanted):
    with pa.memory_map(str(path)) as source:
        reader = pa.ipc.open_file(source)
        check_schema(f"{path.name} as a file", reader.schema, wanted)
        batches = [reader.get_batch(i) for i in range(reader.num_record_batches)]
        same(f"{path.name}: batches", [batch.num_rows for batch in batches], wanted["batches"])
        check_values(f"{path.name} as a file", pa.Table.from_batches(batches, reader.schema), wanted)
    # The canonical form is a stream too, after its eight bytes of magic.
    stream = pa.ipc.open_stream(path.read_bytes()[8:])
    check_schema(f"{path.name} as a stream", stream.schema, wanted)
    check_values(f"{path.name} as a stream", stream.read_all(), wanted)


def rewrite(path):
    """The same table as pyarrow writes it, in other batches and formats: relent must find the same digest."""
    table = pa.ipc.open_file(path).read_all()
    stem = path.with_suffix("")
    rebatched = pa.Table.from_batches(table.to_batches(max_chunksize=7), table.schema)
    for name, new, options in [
        ("file", pa.ipc.new_file, pa.ipc.IpcWriteOptions()),
        ("stream", pa.ipc.new_stream, pa.ipc.IpcWriteOptions()),
        ("zstd", pa.ipc.new_file, pa.ipc.IpcWriteOptions(compression="zstd")),
    ]:
        with new(f"{stem}.again-{name}", table.schema, options=options) as writer:
            writer.write_table(rebatched if name != "stream" else table)


def check_exports(folder):
    wanted = json.loads((folder / "everything.json").read_text())
    check_ipc(folder / "everything.arrow", wanted)
    parquet = pyarrow.parquet.read_table(folder / "everything.parquet")
    check_schema("parquet", parquet.schema, wanted)
    check_values("parquet", parquet, wanted)
    # Without the Arrow schema inside, as DuckDB and Polars see it, tensors are lists.
    bare = pyarrow.parquet.ParquetFile(folder / "everything.parquet").metadata.schema.to_arrow_schema()
    same("parquet: names", bare.names, [column["name"] for column in wanted["columns"]])
    check_csv(folder / "everything.csv", wanted)


def check_csv(path, wanted):
    """Numbers, texts and what is missing come back exactly; tensors and lists are JSON texts."""
    names = [column["name"] for column in wanted["columns"]]
    scalar = [column for column in wanted["columns"] if re.match("(nullable )?(bool|u?int|float|utf8)", column["type"])]
    types = {column["name"]: field_of(column["name"], column["type"]).type for column in scalar}
    options = pyarrow.csv.ConvertOptions(
        column_types=types,
        include_columns=list(types),
        null_values=[""],
        strings_can_be_null=True,
        quoted_strings_can_be_null=False,
    )
    lines = pyarrow.csv.ParseOptions(newlines_in_values=True)
    table = pyarrow.csv.read_csv(path, parse_options=lines, convert_options=options)
    for column in scalar:
        values = [row[names.index(column["name"])] for row in wanted["rows"]]
        same(f"csv: values of {column['name']}", cells(table.column(column["name"])), values)


folder = Path(sys.argv[1])
for described in sorted(folder.glob("*.json")):
    wanted = json.loads(described.read_text())
    for suffix in ["", "-object"]:
        check_ipc(described.with_name(f"{described.stem}{suffix}.arrow"), wanted)
    rewrite(described.with_suffix(".arrow"))
if len(sys.argv) > 2:
    check_exports(Path(sys.argv[2]))
if failures:
    sys.exit("\n".join(failures))
