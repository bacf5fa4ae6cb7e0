"""Images, with masks and boxes over them."""

from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any, ClassVar

from ...values import Unstorable, text
from .arrays import array_of, loaded_numpy, pixels_of
from .base import Media, Place, caption_of, file_given
from .boxes import boxes_of, labels_of
from .pictures import picture_facts
from .png import indexed_png, png

__all__ = ["COLOURS", "Image", "figure_of", "is_picture"]

COLOURS = (
    (68, 70, 210), (197, 75, 6), (10, 131, 93), (157, 47, 146), (152, 111, 238),
    (195, 139, 1), (94, 159, 166), (140, 43, 7), (72, 33, 20), (19, 54, 101),
)  # fmt: skip
"""Colours of mask classes in turn: the pages' palette, ``frontend/src/charts/palette.ts``."""

_CHANNELS = (1, 2, 3, 4)
_FIRST = (1, 3, 4)
_MOST_CLASSES = 256
_PILLOW_MODES = ("1", "L", "LA", "P", "RGB", "RGBA")


class Image(Media):
    """An image.

    Parameters
    ----------
    data : array, PIL.Image.Image, matplotlib figure, str or path
        An array is height by width, by 1 to 4 channels (grey, grey and alpha, RGB, RGBA); channels may come
        first, as torch has them, and several images become one grid. Bools are black and white, integers are
        cut at 0 and 255, floats within 0 and 1 are scaled to that; other floats are scaled from their least
        to their greatest. A path names a PNG, JPEG, GIF, WebP, AVIF, BMP or SVG file, which is copied.
    caption : str, optional
    masks : mapping, optional
        Name to ``{"mask_data": array of class numbers, "class_labels": {number: name}}``. Class 0 is
        transparent.
    boxes : mapping, optional
        Name to ``{"box_data": [...], "class_labels": {number: name}}``. A box has a ``position``
        (``minX``, ``maxX``, ``minY``, ``maxY``, or ``middle``, ``width``, ``height``), as a share of the
        image or, with ``domain="pixel"``, in pixels; and, if you like, ``class_id``, ``box_caption`` and
        ``scores``.
    """

    kind: ClassVar[str] = "image"

    def __init__(
        self,
        data: Any,
        caption: str | None = None,
        masks: Mapping[str, Any] | None = None,
        boxes: Mapping[str, Any] | None = None,
    ) -> None:
        self.data = data
        self.caption = caption
        self.masks = masks
        self.boxes = boxes

    def encode(self, place: Place) -> dict[str, Any]:
        """Write the image and its masks; see :class:`Media`."""
        value = self._picture(place) | caption_of(self.caption)
        if self.masks:
            value["masks"] = {text(str(name)): _mask(mask, place) for name, mask in self.masks.items()}
        if self.boxes:
            size = value.get("width"), value.get("height")
            value["boxes"] = {text(str(name)): boxes_of(group, size) for name, group in self.boxes.items()}
        return value

    def _picture(self, place: Place) -> dict[str, Any]:
        path = file_given(self.data)
        if path is not None:
            return _copied(path, place)
        if (figure := figure_of(self.data)) is not None:
            return _drawn(figure, place)
        if is_picture(self.data):
            return _of_pillow(self.data, place)
        pixels = pixels_of(_by_channels(array_of(self.data), first=hasattr(self.data, "detach")))
        size = {"width": int(pixels.shape[1]), "height": int(pixels.shape[0])}
        return place.put(self.kind, png(pixels), ".png") | size


def _copied(path: Path, place: Place) -> dict[str, Any]:
    facts = picture_facts(path)
    if facts is None:
        raise Unstorable(f"{path} is no image that a browser shows (PNG, JPEG, GIF, WebP, AVIF, BMP, SVG)")
    ending, width, height = facts
    size = {"width": width, "height": height} if width and height else {}
    return place.copy("image", path, ending) | size


def figure_of(data: Any) -> Any:
    """Return the matplotlib figure that `data` is, or belongs to (axes, pyplot itself); else None."""
    if getattr(data, "__name__", None) == "matplotlib.pyplot":
        return data.gcf()
    if not any(kind.__module__.startswith("matplotlib.") for kind in type(data).__mro__):
        return None
    figure = data if hasattr(data, "savefig") else getattr(data, "figure", None)
    return figure if hasattr(figure, "savefig") else None


def _drawn(figure: Any, place: Place) -> dict[str, Any]:
    sink = BytesIO()
    figure.savefig(sink, format="png")
    return _sized(place, sink.getvalue())


def is_picture(data: Any) -> bool:
    """Tell whether `data` is an image of Pillow."""
    return any(kind.__module__ == "PIL.Image" for kind in type(data).__mro__)


def _of_pillow(image: Any, place: Place) -> dict[str, Any]:
    sink = BytesIO()
    (image if image.mode in _PILLOW_MODES else image.convert("RGB")).save(sink, "PNG")
    return _sized(place, sink.getvalue())


def _sized(place: Place, data: bytes) -> dict[str, Any]:
    width, height = int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")
    return place.put("image", data, ".png") | {"width": width, "height": height}


def _by_channels(array: Any, *, first: bool) -> Any:
    """Return an array as height by width, or height by width by channels; torch has channels `first`."""
    if array.ndim == 4:
        array = _grid([_by_channels(image, first=first) for image in array])
        first = False
    if array.ndim == 3 and array.shape[0] in _FIRST and (first or array.shape[2] not in _CHANNELS):
        array = array.transpose(1, 2, 0)
    if array.ndim not in (2, 3) or (array.ndim == 3 and array.shape[2] not in _CHANNELS) or 0 in array.shape:
        raise Unstorable(f"an array of shape {tuple(array.shape)} is no image (height, width, channels)")
    return array


def _grid(images: Sequence[Any]) -> Any:
    """Return images of one size side by side, in about as many rows as columns."""
    if not images:
        raise Unstorable("there are no images in it")
    numpy = loaded_numpy()
    columns = int(len(images) ** 0.5 + 0.999)
    blank = numpy.zeros_like(images[0])
    images = [*images, *[blank] * (-len(images) % columns)]
    rows = [numpy.concatenate(images[at : at + columns], 1) for at in range(0, len(images), columns)]
    return numpy.concatenate(rows, 0)


def _mask(mask: Any, place: Place) -> dict[str, Any]:
    if not isinstance(mask, Mapping) or "mask_data" not in mask:
        raise Unstorable('a mask is {"mask_data": array of class numbers, "class_labels": {number: name}}')
    classes = array_of(mask["mask_data"])
    if classes.ndim != 2 or 0 in classes.shape or classes.dtype.kind == "f":
        raise Unstorable(f"a mask is height by width of whole numbers, not {classes.dtype} {classes.shape}")
    if int(classes.min()) < 0 or int(classes.max()) >= _MOST_CLASSES:
        raise Unstorable("classes of a mask are numbers from 0 to 255")
    stored = place.put("image", indexed_png(classes.astype("u1"), COLOURS, clear=0), ".mask.png")
    return stored | {"labels": labels_of(mask.get("class_labels"))}
