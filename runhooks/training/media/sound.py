"""Sound: a file, or samples written as WAV."""

import wave
from io import BytesIO
from typing import Any, ClassVar

from ...values import Unstorable
from .arrays import array_of
from .base import Media, Place, caption_of, copied_file, file_given

__all__ = ["Audio"]

_MOST_CHANNELS = 8
_WANTED = "sound that a browser plays (WAV, MP3, OGG, FLAC, M4A)"


class Audio(Media):
    """Sound.

    Parameters
    ----------
    data : array, str or path
        Samples, or samples by channels: floats from -1 to 1, or integers of their type's range. They become
        WAV of 16 bits. A path names a WAV, MP3, OGG, FLAC or M4A file, which is copied.
    sample_rate : int, optional
        Samples a second; needed for an array.
    caption : str, optional
    """

    kind: ClassVar[str] = "audio"

    def __init__(self, data: Any, sample_rate: int | None = None, caption: str | None = None) -> None:
        self.data = data
        self.sample_rate = sample_rate
        self.caption = caption

    def encode(self, place: Place) -> dict[str, Any]:
        """Write the sound; see :class:`Media`."""
        path = file_given(self.data)
        if path is not None:
            copied = copied_file(place, self.kind, path, _ending, _WANTED)
            return copied | caption_of(self.caption)
        if not self.sample_rate:
            raise Unstorable("sound given as an array needs its sample_rate")
        samples = _samples(array_of(self.data))
        rate = int(self.sample_rate)
        facts = {"sample_rate": rate, "duration_s": len(samples) / rate}
        return place.put(self.kind, _wav(samples, rate), ".wav") | facts | caption_of(self.caption)


def _ending(head: bytes) -> str | None:
    marks = [
        (head[:4] == b"RIFF" and head[8:12] == b"WAVE", ".wav"),
        (head[:3] == b"ID3" or (len(head) > 1 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0), ".mp3"),
        (head[:4] == b"OggS", ".ogg"),
        (head[:4] == b"fLaC", ".flac"),
        (head[4:8] == b"ftyp", ".m4a"),
    ]
    return next((ending for fits, ending in marks if fits), None)


def _samples(array: Any) -> Any:
    """Return samples by channels, of 16 bits."""
    if array.ndim == 2 and array.shape[0] <= _MOST_CHANNELS < array.shape[1]:
        array = array.T  # channels first
    if array.ndim == 1:
        array = array.reshape(-1, 1)
    if array.ndim != 2 or not array.size or array.shape[1] > _MOST_CHANNELS:
        raise Unstorable(f"an array of shape {tuple(array.shape)} is no sound (samples, channels)")
    kind, size = array.dtype.kind, array.dtype.itemsize
    if kind == "f":
        return (array.clip(-1, 1) * 32767).round().astype("<i2")
    if kind == "u" and size == 1:
        return ((array.astype("i2") - 128) * 256).astype("<i2")
    if kind == "i":
        wide = array.astype("i8")
        return (wide * 256 if size == 1 else wide // 2 ** (8 * (size - 2))).astype("<i2")
    raise Unstorable(f"samples of {array.dtype}: floats from -1 to 1 or signed integers are wanted")


def _wav(samples: Any, rate: int) -> bytes:
    sink = BytesIO()
    with wave.open(sink, "wb") as file:
        file.setnchannels(samples.shape[1])
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.tobytes())
    return sink.getvalue()
