"""The meshes of GLB files, the binary form of glTF 2.0, as their scene places them.

https://registry.khronos.org/glTF/specs/2.0/glTF-2.0.html has the form. Not read: textures, skins, morph
targets, sparse accessors, compressed buffers, and buffers in files beside it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import orjson

__all__ = ["Mesh", "mesh_of"]

_JSON_CHUNK: Final = 0x4E4F534A
_COMPONENTS: Final = {5120: "i1", 5121: "u1", 5122: "<i2", 5123: "<u2", 5125: "<u4", 5126: "<f4"}
_WIDTHS: Final = {"SCALAR": 1, "VEC3": 3, "VEC4": 4}
_POINTS, _TRIANGLES, _STRIP, _FAN = 0, 4, 5, 6
_UP: Final = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, -1.0], [0.0, 1.0, 0.0]])
"""The y axis of glTF points up; ours is z."""
_MOST_POINTS: Final = 20_000_000
"""A small file can place a large mesh many times."""
_READABLE: Final = frozenset({"KHR_mesh_quantization", "KHR_materials_unlit", "KHR_texture_transform"})

Array = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class Mesh:
    """Corners and their colours, of shape (n, 3); triangles, of shape (m, 3); what is not drawn."""

    points: npt.NDArray[np.float64]
    colours: npt.NDArray[np.uint8] | None
    triangles: npt.NDArray[np.uint32]
    note: str = ""


def mesh_of(data: bytes) -> Mesh:
    """Return all that a GLB file's scene shows as one mesh.

    Raises
    ------
    ValueError, KeyError, IndexError, TypeError, AttributeError
        When it is not of that form, or needs what is not read.
    """
    length, kind = np.frombuffer(data, "<u4", 2, 12).tolist()
    if kind != _JSON_CHUNK:
        raise ValueError("its first chunk is no JSON")
    model = orjson.loads(data[20 : 20 + length])
    if lacking := sorted(set(model.get("extensionsRequired", ())) - _READABLE):
        raise ValueError(f"it needs {', '.join(lacking)}")
    file = _File(model, data[28 + length :])
    pieces, count = [], 0
    for mesh, matrix in _placed(model):
        for part in mesh["primitives"]:
            pieces.append(file.piece(part, matrix))
            count += len(pieces[-1][0])
            if count > _MOST_POINTS:
                raise ValueError(f"it has more than {_MOST_POINTS:,} corners")
    if not pieces:
        raise ValueError("its scene shows no mesh")
    starts = np.cumsum([0, *(len(points) for points, _, _ in pieces[:-1])])
    return Mesh(
        np.concatenate([points for points, _, _ in pieces]),
        np.concatenate([colours for _, colours, _ in pieces]) if file.coloured else None,
        np.concatenate([corners + start for (_, _, corners), start in zip(pieces, starts, strict=True)]),
        "textures are not drawn" if file.textured else "",
    )


def _placed(model: dict[str, Any]) -> Iterator[tuple[dict[str, Any], Array]]:
    """Yield each mesh of the scene and the matrix, of shape (4, 4), that places it; of no scene all."""
    meshes, nodes = model["meshes"], model.get("nodes", [])
    scenes = model.get("scenes")
    if not scenes:
        yield from ((mesh, np.eye(4)) for mesh in meshes)
        return
    todo, seen = [(number, np.eye(4)) for number in scenes[model.get("scene", 0)].get("nodes", [])], set()
    while todo:
        number, above = todo.pop()
        if number in seen:
            raise ValueError("its nodes are no tree")
        seen.add(number)
        node = nodes[number]
        matrix = above @ _matrix(node)
        if "mesh" in node:
            yield meshes[node["mesh"]], matrix
        todo += [(child, matrix) for child in node.get("children", [])]


def _matrix(node: dict[str, Any]) -> Array:
    if "matrix" in node:
        return np.array(node["matrix"], float).reshape(4, 4).T
    x, y, z, w = node.get("rotation", (0, 0, 0, 1))
    turn = np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ]
    )
    matrix = np.eye(4)
    matrix[:3, :3] = turn * np.array(node.get("scale", (1, 1, 1)), float)
    matrix[:3, 3] = node.get("translation", (0, 0, 0))
    return matrix


class _File:
    """The parts of one file."""

    def __init__(self, model: dict[str, Any], body: bytes) -> None:
        self._model = model
        self._body = body
        self.coloured = False
        self.textured = False

    def piece(self, part: dict[str, Any], matrix: Array) -> tuple[Array, Array, Array]:
        """Return the corners of a primitive in their place, their colours, and its triangles."""
        given = part["attributes"]
        points = self._numbers(given["POSITION"]) @ matrix[:3, :3].T + matrix[:3, 3]
        indices = self._numbers(part["indices"])[:, 0] if "indices" in part else np.arange(len(points))
        corners = _triangles(indices.astype("<i8"), part.get("mode", _TRIANGLES))
        if len(corners) and corners.max() >= len(points):
            raise ValueError("a triangle has a corner that is not there")
        return points @ _UP.T, self._colours(part, given, len(points)), corners.astype("<u4")

    def _colours(self, part: dict[str, Any], given: dict[str, int], count: int) -> Array:
        material = self._model["materials"][part["material"]] if "material" in part else {}
        surface = material.get("pbrMetallicRoughness", {})
        self.textured |= "baseColorTexture" in surface
        self.coloured |= "baseColorFactor" in surface or "COLOR_0" in given
        light = np.broadcast_to(np.array(surface.get("baseColorFactor", (1, 1, 1)), float)[:3], (count, 3))
        if "COLOR_0" in given:
            light = light * self._numbers(given["COLOR_0"], unit=True)[:, :3]
        return np.asarray(np.round(np.clip(light, 0, 1) ** (1 / 2.2) * 255), "u1")  # light to sRGB

    def _numbers(self, number: int, *, unit: bool = False) -> Array:
        """Return what an accessor has, of shape (count, width); `unit`: integers are parts of the largest."""
        accessor = self._model["accessors"][number]
        if "sparse" in accessor or "bufferView" not in accessor:
            raise ValueError("it has sparse accessors")
        view = self._model["bufferViews"][accessor["bufferView"]]
        if view.get("buffer", 0) != 0 or "uri" in self._model["buffers"][0]:
            raise ValueError("its numbers are in another file")
        form, width = np.dtype(_COMPONENTS[accessor["componentType"]]), _WIDTHS[accessor["type"]]
        start = view.get("byteOffset", 0) + accessor.get("byteOffset", 0)
        stride = view.get("byteStride") or form.itemsize * width
        kind: Any = np.dtype({"names": ["v"], "formats": [(form, (width,))], "itemsize": stride})
        count = accessor["count"]
        size = form.itemsize * width
        if start < 0 or count < 1 or stride < size or start + stride * (count - 1) + size > len(self._body):
            raise ValueError("it is cut off")
        # The last element may end before its stride does.
        data = self._body[start : start + stride * count].ljust(stride * count, b"\0")
        values = np.frombuffer(data, kind, count)["v"].astype("f8")
        whole = form.kind in "iu" and (unit or accessor.get("normalized", False))
        return values / np.iinfo(form).max if whole else values


def _triangles(indices: Array, mode: int) -> Array:
    """Return the corners of triangles, of shape (m, 3), of a list, a strip or a fan."""
    if mode == _TRIANGLES:
        return indices[: len(indices) // 3 * 3].reshape(-1, 3)
    if mode == _STRIP and len(indices) > 2:
        return np.stack([indices[:-2], indices[1:-1], indices[2:]], axis=1)
    if mode == _FAN and len(indices) > 2:
        return np.stack([np.full(len(indices) - 2, indices[0]), indices[1:-1], indices[2:]], axis=1)
    return np.empty((0, 3), "<i8")
