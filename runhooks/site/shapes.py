"""What a page draws of PLY and GLB files: points, or the triangles of a mesh."""

import re
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import orjson

from runhooks.errors import RecordError

from .glb import Mesh, mesh_of

__all__ = ["Shape", "shape_of"]

MOST_POINTS: Final = 60_000
MOST_TRIANGLES: Final = 120_000
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

Points = npt.NDArray[np.float64]
Colours = npt.NDArray[np.uint8]
Triangles = npt.NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class Shape:
    """A cloud of points, or a mesh.

    Attributes
    ----------
    points : array of shape (n, 3)
        The z axis points up.
    colours : array of shape (n, 3), optional
    triangles : array of shape (m, 3)
        Numbers of their corners; a cloud has none.
    note : str
        What of the file is not drawn.
    """

    points: Points
    colours: Colours | None
    triangles: Triangles
    note: str = ""


def shape_of(data: bytes, where: str) -> Shape:
    """Return the triangles of a mesh, or of a cloud, and of a larger mesh, at most 60,000 points.

    Raises
    ------
    RecordError
        When there are none to be read.
    """
    try:
        mesh = mesh_of(data) if data.startswith(b"glTF") else _ply(data)
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, orjson.JSONDecodeError) as error:
        raise RecordError(f"{where} holds no points that can be read: {error}") from error
    points, colours = mesh.points, mesh.colours
    finite = np.asarray(np.isfinite(points).all(axis=1))
    if not finite.any():
        raise RecordError(f"{where} holds no points")
    triangles = mesh.triangles[finite[mesh.triangles].all(axis=1)]
    if 0 < len(triangles) <= MOST_TRIANGLES:
        used, corners = np.unique(triangles, return_inverse=True)
        triangles = corners.reshape(-1, 3).astype(np.uint32)
        return Shape(points[used], None if colours is None else colours[used], triangles, mesh.note)
    note = mesh.note
    if len(triangles):
        note = f"{len(triangles):,} triangles are too many for a page: their corners are drawn"
    kept = np.flatnonzero(finite)
    kept = kept[:: -(-len(kept) // MOST_POINTS)]
    return Shape(points[kept], None if colours is None else colours[kept], triangles[:0], note)


def _ply(data: bytes) -> Mesh:
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
    colours = np.stack([rows[name].astype("u1") for name in names], axis=1) if coloured else None
    return Mesh(points, colours, _ply_triangles(head[element.end() :], body[rows.nbytes :], len(points)))


def _ply_triangles(head: bytes, body: bytes, points: int) -> Triangles:
    """Return the faces that follow the vertices, where all have three corners and nothing else."""
    none = np.empty((0, 3), "<u4")
    face = re.match(rb"element face (\d+)\nproperty list (\w+) (\w+) \w+\n(?!property)", head)
    if face is None:
        return none
    kind: Any = np.dtype([("n", _TYPES[face[2].decode()]), ("corners", _TYPES[face[3].decode()], 3)])
    if int(face[1]) * kind.itemsize > len(body):
        return none
    rows = np.frombuffer(body, kind, int(face[1]))
    corners = rows["corners"].astype("<i8")
    right = bool((rows["n"] == 3).all()) and bool(((corners >= 0) & (corners < points)).all())
    return corners.astype("<u4") if right else none
