"""Pictures, sound, tables and the like, as ``run.log()`` takes them.

An object of one of these classes only holds what it was given. It is encoded when it is logged, into a file
of the run, and the row gets a small JSON object that names the file (``docs/FORMAT.md``, "Media"). Nothing
here imports numpy or another library: arrays and figures are asked by their own methods.
"""

from .base import Media
from .histogram import Histogram
from .html import Html
from .image import Image
from .object3d import Object3D
from .plotly import Plotly
from .sound import Audio
from .table import Table
from .video import Video

__all__ = ["Audio", "Histogram", "Html", "Image", "Media", "Object3D", "Plotly", "Table", "Video"]
