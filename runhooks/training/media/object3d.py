"""Things in space: point clouds, and files of models."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from ...values import Unstorable
from .arrays import array_of, loaded_numpy
from .base import Media, Place, caption_of, file_given
from .image import COLOURS

__all__ = ["Object3D"]

MOST_POINTS = 5_000_000
_ENDINGS = (".glb", ".ply")


class Object3D(Media):
    """A point cloud, or a file of a model.

    Parameters
    ----------
    data : array, mapping, str or path
        Points by 3 (x, y, z), by 4 (and a class number) or by 6 (and red, green, blue from 0 to 255); or a
        mapping with such ``points``. They become a binary PLY file. A path names a GLB or PLY file, which is
        copied, or an NPY file of points.
    caption : str, optional
    """

    kind: ClassVar[str] = "object3d"

    def __init__(self, data: Any, caption: str | None = None) -> None:
        self.data = data
        self.caption = caption

    def encode(self, place: Place) -> dict[str, Any]:
        """Write the points or the model; see :class:`Media`."""
        data = self.data.get("points") if isinstance(self.data, Mapping) else self.data
        path = file_given(data)
        if path is not None and path.suffix.lower() != ".npy":
            return _model(path, place) | caption_of(self.caption)
        points = array_of(data if path is None else loaded_numpy().load(path, allow_pickle=False))
        if points.ndim != 2 or points.shape[1] not in (3, 4, 6) or not len(points):
            raise Unstorable(
                f"an array of shape {tuple(points.shape)} is no point cloud (points by 3, 4 or 6)"
            )
        if len(points) > MOST_POINTS:
            place.warn(f"of {len(points)} points every {-(-len(points) // MOST_POINTS)}th is kept")
            points = points[:: -(-len(points) // MOST_POINTS)]
        stored = place.put(self.kind, _ply(points), ".ply")
        return stored | {"points": len(points)} | caption_of(self.caption)


def _model(path: Path, place: Place) -> dict[str, Any]:
    ending = path.suffix.lower()
    with path.open("rb") as file:
        head = file.read(4)
    if ending not in _ENDINGS or not head.startswith((b"glTF", b"ply")):
        raise Unstorable(f"{path} is neither a GLB nor a PLY file")
    return place.copy("object3d", path, ending)


def _ply(points: Any) -> bytes:
    numpy = loaded_numpy()
    coloured = points.shape[1] > 3
    columns = [(axis, "<f4") for axis in "xyz"] + [
        (name, "u1") for name in ("red", "green", "blue")
    ] * coloured
    rows = numpy.empty(len(points), columns)
    for number, axis in enumerate("xyz"):
        rows[axis] = points[:, number]
    if coloured:
        for number, name in enumerate(("red", "green", "blue")):
            rows[name] = _colours(points)[:, number]
    kinds = {"<f4": "float", "u1": "uchar"}
    lines = ["ply", "format binary_little_endian 1.0", f"element vertex {len(points)}"]
    lines += [f"property {kinds[kind]} {name}" for name, kind in columns]
    return "\n".join([*lines, "end_header\n"]).encode() + bytes(rows.tobytes())


def _colours(points: Any) -> Any:
    if points.shape[1] == 6:
        return points[:, 3:].clip(0, 255).astype("u1")
    palette = loaded_numpy().array(COLOURS, "u1")
    return palette[points[:, 3].astype("i8") % len(palette)]
