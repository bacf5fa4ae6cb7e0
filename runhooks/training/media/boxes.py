"""Boxes over an image, as shares of its width and height."""

from collections.abc import Mapping
from typing import Any

from ...values import Unstorable, scalar, text

__all__ = ["boxes_of", "labels_of"]

MOST_BOXES = 500


def labels_of(labels: Any) -> dict[str, str]:
    """Return class numbers and names as JSON has them."""
    if not isinstance(labels, Mapping):
        return {}
    return {text(str(number)): text(str(name)) for number, name in labels.items()}


def boxes_of(group: Any, size: tuple[int | None, int | None]) -> dict[str, Any]:
    """Return one group of boxes: its class labels, and at most 500 boxes.

    Raises
    ------
    Unstorable
        When one is no box.
    """
    if not isinstance(group, Mapping) or "box_data" not in group:
        raise Unstorable('boxes are {"box_data": [...], "class_labels": {number: name}}')
    boxes = [_box(box, size) for box in list(group["box_data"])[:MOST_BOXES]]
    return {"labels": labels_of(group.get("class_labels")), "boxes": boxes}


def _box(box: Any, size: tuple[int | None, int | None]) -> dict[str, Any]:
    try:
        left, top, right, bottom = _corners(box["position"])
        if box.get("domain") == "pixel":
            width, height = size
            if not width or not height:
                raise Unstorable(
                    "boxes in pixels need an image whose size is known: PNG, JPEG, GIF or an array"
                )
            left, right, top, bottom = left / width, right / width, top / height, bottom / height
        found: dict[str, Any] = {"box": [round(share, 6) for share in (left, top, right, bottom)]}
        if box.get("class_id") is not None:
            found["class"] = int(box["class_id"])
        if box.get("box_caption") is not None:
            found["caption"] = text(str(box["box_caption"]))
        if box.get("scores"):
            found["scores"] = {text(str(name)): scalar(score) for name, score in box["scores"].items()}
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Unstorable(f"a box has a position, as minX, maxX, minY, maxY: {error!r}") from error
    return found


def _corners(position: Mapping[str, Any]) -> tuple[float, float, float, float]:
    if "middle" in position:
        x, y = map(float, position["middle"])
        width, height = float(position["width"]), float(position["height"])
        return x - width / 2, y - height / 2, x + width / 2, y + height / 2
    left, top, right, bottom = (float(position[name]) for name in ("minX", "minY", "maxX", "maxY"))
    return left, top, right, bottom
