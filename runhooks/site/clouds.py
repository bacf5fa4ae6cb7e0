"""The points of PLY and GLB files, thinned to what a page draws."""

import re
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import orjson

from runhooks.errors import RecordError

__all__ = ["points_of"]

MOST_POINTS: Final = 60_000
_TYPES: Final = {
    "char": "i1",
    "uchar": "u1",
    "short": "<i2",
    "ushort": "<u2",
    "int": "<i4",
    "uint": "<u4",
    "float": "<f4",
    "double": "<f8",
    "float32": "<f4",
    "float64": "<f8",
    "uint8": "u1",
    "int32": "<i4",
}
_FLOAT = 5126
_JSON_CHUNK = 0x4E4F534A

Points = npt.NDArray[np.float64]
Colours = npt.NDArray[np.uint8]


def points_of(data: bytes, where: str) -> tuple[Points, Colours | None]:
    """Return at most 60,000 points, and their colours where there are any.

    Raises
    ------
    RecordError
        When there are none to be read.
    """
    try:
        points, colours = _glb(data) if data.startswith(b"glTF") else _ply(data)
    except (ValueError, KeyError, IndexError, TypeError, orjson.JSONDecodeError) as error:
        raise RecordError(f"{where} holds no points that can be read: {error}") from error
    finite = np.isfinite(points).all(axis=1)
    points, colours = points[finite], None if colours is None else colours[finite]
    if not len(points):
        raise RecordError(f"{where} holds no points")
    every = -(-len(points) // MOST_POINTS)
    return points[::every], None if colours is None else np.ascontiguousarray(colours[::every])


def _ply(data: bytes) -> tuple[Points, Colours | None]:
    head, found, body = data.partition(b"end_header\n")
    if not found or b"format binary_little_endian" not in head:
        raise ValueError("it is no binary PLY file")
    element = re.search(rb"element vertex (\d+)\n((?:property \w+ \w+\n)+)", head)
    if element is None:
        raise ValueError("it has no vertices")
    properties = [line.split()[1:] for line in element[2].decode().splitlines()]
    kind: Any = np.dtype([(name, _TYPES[of]) for of, name in properties])
    rows = np.frombuffer(body, kind, int(element[1]))
    points = np.stack([rows[axis].astype("f8") for axis in "xyz"], axis=1)
    names = ("red", "green", "blue")
    coloured = all(name in rows.dtype.names for name in names)
    return points, np.stack([rows[name].astype("u1") for name in names], axis=1) if coloured else None


def _glb(data: bytes) -> tuple[Points, None]:
    """Return the corners of all meshes, as they lie in the file, without the transformations of scenes."""
    length, kind = np.frombuffer(data, "<u4", 2, 12).tolist()
    if kind != _JSON_CHUNK:
        raise ValueError("its first chunk is no JSON")
    model = orjson.loads(data[20 : 20 + length])
    body = data[28 + length :]
    wanted = {part["attributes"]["POSITION"] for mesh in model["meshes"] for part in mesh["primitives"]}
    found = [_accessor(model, body, number) for number in sorted(wanted)]
    return np.concatenate(found), None


def _accessor(model: dict[str, Any], body: bytes, number: int) -> Points:
    accessor = model["accessors"][number]
    view = model["bufferViews"][accessor["bufferView"]]
    if accessor["componentType"] != _FLOAT or accessor["type"] != "VEC3":
        raise ValueError("its positions are no floats")
    start = view.get("byteOffset", 0) + accessor.get("byteOffset", 0)
    stride = view.get("byteStride", 12)
    kind = np.dtype({"names": ["p"], "formats": [("<f4", 3)], "itemsize": stride})
    return np.frombuffer(body, kind, accessor["count"], start)["p"].astype("f8")
