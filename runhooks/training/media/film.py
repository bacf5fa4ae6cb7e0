"""Frames as an MP4 or WebM, by the ffmpeg that the package ``imageio-ffmpeg`` brings."""

import subprocess
import tempfile
from pathlib import Path
from typing import Any

__all__ = ["encoded_film"]

_CODECS = {"mp4": ["libx264", "-movflags", "+faststart"], "webm": ["libvpx-vp9"]}
_PIXELS = {1: "gray", 3: "rgb24", 4: "rgba"}
# What browsers play has one colour for two by two pixels.
_EVEN = "pad=ceil(iw/2)*2:ceil(ih/2)*2"
_LIMIT_S = 60.0
"""A program that hangs must not hold up the training."""


def encoded_film(frames: Any, fps: float, form: str) -> bytes:
    """Return a film.

    Parameters
    ----------
    frames : numpy.ndarray of uint8, shape (frames, height, width, 1 | 3 | 4)
        What is transparent is lost.
    fps : float
    form : str
        ``mp4`` or ``webm``.

    Raises
    ------
    ImportError
        When ``imageio-ffmpeg`` is not installed.
    OSError
        When it cannot be run, takes longer than a minute, or cannot encode this; with its words.
    """
    from imageio_ffmpeg import get_ffmpeg_exe

    _, height, width, channels = frames.shape
    given = ["-f", "rawvideo", "-pix_fmt", _PIXELS[channels], "-s", f"{width}x{height}", "-r", f"{fps:g}"]
    wanted = ["-vf", _EVEN, "-pix_fmt", "yuv420p", "-c:v", *_CODECS[form]]
    with tempfile.TemporaryDirectory(prefix="runhooks-") as folder:
        film = Path(folder, f"film.{form}")
        command = [get_ffmpeg_exe(), "-v", "error", *given, "-i", "pipe:", *wanted, str(film)]
        try:
            done = subprocess.run(
                command, input=frames.tobytes(), capture_output=True, check=False, timeout=_LIMIT_S
            )
        except subprocess.TimeoutExpired:
            raise OSError(f"it took longer than {_LIMIT_S:g} s") from None
        if done.returncode:
            raise OSError(done.stderr.decode(errors="replace").strip()[-200:])
        return film.read_bytes()
