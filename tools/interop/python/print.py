"""A table as a text, as tools/fuzz/src/arrow/print.ts writes it: schema, metadata, and every value by its bytes."""

import pyarrow as pa

NAMES = {
    pa.types.is_null: "null",
    pa.types.is_boolean: "bool",
    pa.types.is_string: "utf8",
    pa.types.is_large_string: "large utf8",
    pa.types.is_binary: "binary",
    pa.types.is_large_binary: "large binary",
}
UNITS = {"month_interval": "months", "day_time_interval": "days", "month_day_nano_interval": "nanoseconds"}
TENSOR_ELEMENTS = [pa.float64(), pa.float32(), pa.int32(), pa.uint8()]
MOST = 100_000


def text(value):
    return value.encode().hex()


def type_of(type_):
    t = pa.types
    for is_, name in NAMES.items():
        if is_(type_):
            return name
    if t.is_integer(type_):
        return f"{'' if t.is_signed_integer(type_) else 'u'}int{type_.bit_width}"
    if t.is_floating(type_):
        return f"float{type_.bit_width}"
    if t.is_fixed_size_binary(type_):
        return f"fixed binary {type_.byte_width}"
    if t.is_decimal(type_):
        return f"decimal{type_.bit_width} {type_.precision} {type_.scale}"
    if t.is_date(type_):
        return f"date{type_.bit_width}"
    if t.is_time(type_):
        return f"time{type_.bit_width} {type_.unit}"
    if t.is_timestamp(type_):
        return f"timestamp {type_.unit} {text(type_.tz or '')}"
    if t.is_duration(type_):
        return f"duration {type_.unit}"
    if str(type_) in UNITS:
        return f"interval {UNITS[str(type_)]}"
    if t.is_dictionary(type_):
        ordered = " ordered" if type_.ordered else ""
        return f"dictionary {type_of(type_.index_type)} {type_of(type_.value_type)}{ordered}"
    if t.is_map(type_):
        ordered = " sorted" if type_.keys_sorted else ""
        return f"map {type_of(type_.key_type)} {type_of(type_.item_type)}{ordered}"
    if t.is_fixed_size_list(type_):
        return f"list {type_.list_size} <{field_text(type_.value_field)}>"
    if t.is_list(type_):
        return f"list <{field_text(type_.value_field)}>"
    if t.is_large_list(type_):
        return f"large list <{field_text(type_.value_field)}>"
    if t.is_struct(type_):
        return f"struct <{', '.join(field_text(type_.field(i)) for i in range(type_.num_fields))}>"
    return str(type_)


def pairs(metadata):
    items = (metadata or {}).items()
    return " ".join(sorted(f"{k.hex()}={v.hex()}" for k, v in items if not k.startswith(b"ARROW:extension:")))


def field_text(field):
    type_ = field.type
    if isinstance(type_, pa.FixedShapeTensorType):
        words = f"tensor {type_of(type_.value_type)}"
        row_major = type_.permutation is None or list(type_.permutation) == list(range(len(type_.shape)))
        if type_.value_type in TENSOR_ELEMENTS and row_major:
            words += f" [{' '.join(map(str, type_.shape))}]"
    else:
        words = type_of(type_.storage_type if isinstance(type_, pa.BaseExtensionType) else type_)
    nullable = " nullable" if field.nullable else ""
    return f"{text(field.name)}: {words}{nullable} {{{pairs(field.metadata)}}}"


def cut(array, width, show):
    """Each value of a column with offsets of this width."""
    n, first = len(array), array.offset
    buffer = array.buffers()[1]
    if n == 0 or buffer is None:
        return [show(0, 0)] * n
    offsets = memoryview(buffer)[first * width : (first + n + 1) * width].cast("i" if width == 4 else "q")
    return [show(offsets[i], offsets[i + 1]) for i in range(n)]


def values(array):
    type_, n, t = array.type, len(array), pa.types
    if t.is_null(type_):
        return ["~"] * n
    if t.is_dictionary(type_):
        codes = cells(array.indices)
        every = cells(array.dictionary)
        whole = array.indices.to_pylist()
        return ["~" if code == "~" else every[whole[i]] for i, code in enumerate(codes)]
    if t.is_boolean(type_):
        return ["t" if value else "f" for value in array.to_pylist()]
    if t.is_string(type_) or t.is_binary(type_) or t.is_large_string(type_) or t.is_large_binary(type_):
        large = t.is_large_string(type_) or t.is_large_binary(type_)
        buffer = array.buffers()[2]
        raw = b"" if buffer is None else buffer.to_pybytes()
        return cut(array, 8 if large else 4, lambda a, b: raw[a:b].hex())
    if t.is_struct(type_):
        every = [cells(array.field(i)) for i in range(type_.num_fields)]
        return ["{" + ",".join(one[i] for one in every) + "}" for i in range(n)]
    if t.is_fixed_size_list(type_):
        size, first = type_.list_size, array.offset
        every = cells(array.values)[first * size : (first + n) * size]
        return ["[" + ",".join(every[i * size : (i + 1) * size]) + "]" for i in range(n)]
    if t.is_map(type_):
        keys, items = cells(array.keys), cells(array.items)
        return cut(array, 4, lambda a, b: "[" + ",".join("{" + f"{keys[i]},{items[i]}" + "}" for i in range(a, b)) + "]")
    if t.is_list(type_) or t.is_large_list(type_):
        every = cells(array.values)
        return cut(array, 8 if t.is_large_list(type_) else 4, lambda a, b: "[" + ",".join(every[a:b]) + "]")
    width = type_.bit_width // 8
    buffer = array.buffers()[1]
    raw = b"" if buffer is None else buffer.to_pybytes()[array.offset * width : (array.offset + n) * width]
    return [raw[i * width : (i + 1) * width].hex() for i in range(n)]


def cells(array):
    """Each value of an array, `~` where there is none."""
    if isinstance(array, pa.ExtensionArray):
        array = array.storage
    found = values(array)
    if array.null_count == 0:
        return found
    return [value if valid else "~" for value, valid in zip(found, array.is_valid().to_pylist())]


def show(table):
    lines = [f"{table.num_rows} rows {{{pairs(table.schema.metadata)}}}"]
    for i, field in enumerate(table.schema):
        if table.num_rows > MOST:
            lines.append(f"{field_text(field)} ...")
        else:
            every = [value for chunk in table.column(i).chunks for value in cells(chunk)]
            lines.append(f"{field_text(field)} {' '.join(every)}")
    return "\n".join(lines)
