"""Films: a file, or frames written as an animated PNG, an MP4 or a WebM."""

from typing import Any, ClassVar

from ...values import Unstorable
from .arrays import array_of, pixels_of
from .base import Media, Place, caption_of, copied_file, file_given
from .film import encoded_film
from .png import animated_png

__all__ = ["Video"]

_CHANNELS = (1, 3, 4)
_ENCODED = ("mp4", "webm")
_WANTED = "film that a browser plays (MP4, WebM, OGG, GIF, PNG)"


class Video(Media):
    """A film.

    Parameters
    ----------
    data : array, str or path
        Frames by height by width by channels, or frames by channels by height by width; numbers as in
        :class:`Image`. A path names an MP4, WebM, OGG, GIF or PNG file, which is copied.
    caption : str, optional
    fps : float
        Frames a second, of an array.
    format : str, optional
        What an array becomes: by default an animated PNG, which loses nothing, plays in every browser, and
        needs no library; ``mp4`` or ``webm``, far smaller for long films, with the extra ``video``.
        Without it, and for ``gif``, the animated PNG is made all the same, and a warning says so.
    """

    kind: ClassVar[str] = "video"

    def __init__(
        self, data: Any, caption: str | None = None, fps: float = 4, format: str | None = None
    ) -> None:
        self.data = data
        self.caption = caption
        self.fps = fps
        self.format = format

    def encode(self, place: Place) -> dict[str, Any]:
        """Write the film; see :class:`Media`."""
        path = file_given(self.data)
        if path is not None:
            copied = copied_file(place, self.kind, path, _ending, _WANTED)
            return copied | caption_of(self.caption)
        frames = pixels_of(_frames(array_of(self.data)))
        size = {"frames": len(frames), "fps": float(self.fps)}
        size |= {"width": int(frames.shape[2]), "height": int(frames.shape[1])}
        data, ending = self._film(frames, place)
        return place.put(self.kind, data, ending) | size | caption_of(self.caption)

    def _film(self, frames: Any, place: Place) -> tuple[bytes, str]:
        if self.format in _ENCODED:
            try:
                return encoded_film(frames, self.fps, str(self.format)), f".{self.format}"
            except ImportError:
                place.warn(f"kept as an animated PNG: {self.format} needs pip install 'runhooks[video]'")
            except OSError as error:
                place.warn(f"kept as an animated PNG: ffmpeg could not encode it ({error})")
        elif self.format is not None and self.format != "png":
            place.warn("kept as an animated PNG: films are png, mp4 or webm")
        return animated_png(frames, self.fps), ".png"


def _ending(head: bytes) -> str | None:
    marks = [
        (head[4:8] == b"ftyp", ".mp4"),
        (head[:4] == b"\x1a\x45\xdf\xa3", ".webm"),
        (head[:4] == b"OggS", ".ogg"),
        (head[:6] in (b"GIF87a", b"GIF89a"), ".gif"),
        (head[:8] == b"\x89PNG\r\n\x1a\n", ".png"),
    ]
    return next((ending for fits, ending in marks if fits), None)


def _frames(array: Any) -> Any:
    if array.ndim == 3:
        array = array[..., None]
    if array.ndim == 4 and array.shape[3] not in _CHANNELS and array.shape[1] in _CHANNELS:
        array = array.transpose(0, 2, 3, 1)
    if array.ndim != 4 or array.shape[3] not in _CHANNELS or 0 in array.shape:
        raise Unstorable(
            f"an array of shape {tuple(array.shape)} is no film (frames, height, width, channels)"
        )
    return array
