"""How pyarrow reads the cases of a batch: fuzz.py CASES PROGRESS FIRST, a line of JSON a case.

A batch is records: the number of the case, the length of its bytes, the bytes, the length of relent's readings, those as JSON.
"""

import hashlib
import json
import os
import struct
import sys

import pyarrow as pa
import pyarrow.ipc
import safetensors

from print import show

try:
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
except ImportError:
    pass


DTYPES = {"F64": "float64", "F32": "float32", "I32": "int32", "U8": "uint8"}


def tensors(data):
    """As tools/fuzz/src/targets/safetensors.ts writes them."""
    found = safetensors.deserialize(data)
    header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
    lines = []
    for name, one in found:
        shape = " ".join(map(str, one["shape"]))
        lines.append([name, f"{DTYPES.get(one['dtype'], one['dtype'])} {shape}: {bytes(one['data']).hex()}"])
    metadata = [[key, value] for key, value in (header.get("__metadata__") or {}).items()]
    return json.dumps([sorted(lines), sorted(metadata)], separators=(",", ":"), ensure_ascii=False)


def read(how, data):
    if how == "safetensors":
        return tensors(data)
    table = (pa.ipc.open_file(data) if how == "file" else pa.ipc.open_stream(data)).read_all()
    table.validate(full=True)
    return show(table)


def reading(how, data):
    try:
        value = read(how, data)
    # A KeyError: pyarrow's Python has no class for the type.
    except (pa.ArrowException, OSError, MemoryError, UnicodeDecodeError, KeyError, safetensors.SafetensorError) as error:
        return {"refused": f"{type(error).__name__}: {str(error)[:200]}"}
    return {"value": value}


path, progress, first = sys.argv[1:]
say = os.open(progress, os.O_RDWR | os.O_CREAT)
with open(path, "rb") as file:
    while head := file.read(8):
        number, length = struct.unpack("<II", head)
        data = file.read(length)
        ours = json.loads(file.read(*struct.unpack("<I", file.read(4))))
        if number < int(first):
            continue
        os.pwrite(say, struct.pack("<I", number), 0)
        for how in ours:
            # A file is a stream after its magic.
            isFile = data[:6] == b"ARROW1"
            found = reading(how, data[8:] if isFile and how == "stream" else data)
            if "value" in found:
                digest = hashlib.sha256(found["value"].encode()).hexdigest()
                found = {"value": digest, **({} if digest == ours[how].get("value") else {"text": found["value"][:100_000]})}
            print(json.dumps({"case": number, "how": how, **found}), flush=True)
