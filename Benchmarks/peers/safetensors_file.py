"""Reads and writes safetensors files of float32 and int64 arrays, so that every peer's environment can."""

import json
import pathlib
import struct

import numpy as np

KINDS = {"F32": np.dtype("<f4"), "I64": np.dtype("<i8")}


def write(path, arrays):
    """arrays: {name: array}. Floats become float32, whole numbers int64."""
    header, blobs, end = {}, [], 0
    for name, array in arrays.items():
        array = np.asarray(array)
        kind = "F32" if np.issubdtype(array.dtype, np.floating) else "I64"
        blob = np.ascontiguousarray(array, dtype=KINDS[kind]).tobytes()
        header[name] = {"dtype": kind, "shape": list(array.shape), "data_offsets": [end, end + len(blob)]}
        blobs.append(blob)
        end += len(blob)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    pathlib.Path(path).write_bytes(b"".join([struct.pack("<Q", len(text)), text, *blobs]))


def read(path):
    """{name: writable array} of a file that `write` made."""
    data = bytearray(pathlib.Path(path).read_bytes())
    (length,) = struct.unpack_from("<Q", data)
    header = json.loads(data[8:8 + length])
    header.pop("__metadata__", None)
    body = memoryview(data)[8 + length:]
    return {name: np.frombuffer(body[slice(*entry["data_offsets"])], KINDS[entry["dtype"]]).reshape(entry["shape"])
            for name, entry in header.items()}
