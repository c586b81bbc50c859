"""Values as JSON that both languages write alike; see src/values.ts."""

import math

import pyarrow as pa


def encode(value, type_):
    if value is None:
        return None
    if isinstance(type_, pa.FixedShapeTensorType):
        return [encode(item, type_.value_type) for item in value]
    if pa.types.is_list(type_) or pa.types.is_large_list(type_) or pa.types.is_fixed_size_list(type_):
        return [encode(item, type_.value_type) for item in value]
    if isinstance(value, bool):
        return value
    if pa.types.is_int64(type_):
        return f"i:{value}"
    if isinstance(value, str):
        return f"s:{value}"
    if isinstance(value, bytes):
        return f"b:{value.hex()}"
    if isinstance(value, float):
        if math.isnan(value):
            return "f:nan"
        if math.isinf(value):
            return "f:inf" if value > 0 else "f:-inf"
        if value == 0 and math.copysign(1, value) < 0:
            return "f:-0"
    return value


def cells(column):
    """All values of a chunked column; an extension column gives its storage."""
    out = []
    for chunk in column.chunks:
        storage = chunk.storage if isinstance(chunk, pa.ExtensionArray) else chunk
        out.extend(encode(value, column.type) for value in storage.to_pylist())
    return out
