"""Arrays of any framework as numpy arrays, with the numpy that the program has loaded itself."""

import sys
from typing import Any

from ...values import Unstorable

__all__ = ["array_of", "loaded_numpy", "pixels_of"]


def loaded_numpy() -> Any:
    """Return numpy, which whoever has an array has loaded.

    Raises
    ------
    Unstorable
        When the program has not loaded it.
    """
    numpy = sys.modules.get("numpy")
    if numpy is None:
        raise Unstorable("it is no array: give a numpy array, a tensor or a file")
    return numpy


def array_of(value: Any) -> Any:
    """Return a numpy, torch, jax or tensorflow array, or nested lists, as a numpy array of numbers.

    Raises
    ------
    Unstorable
        When there are no numbers in it.
    """
    if hasattr(value, "detach"):  # torch
        value = value.detach().cpu()
        value = value.float() if str(value.dtype) == "torch.bfloat16" else value
        value = value.numpy()
    elif hasattr(value, "numpy") and not hasattr(value, "tolist"):  # tensorflow
        value = value.numpy()
    array = loaded_numpy().asarray(value)
    if array.dtype.kind not in "biuf":
        raise Unstorable(f"an array of {array.dtype}, not of numbers")
    return array


def pixels_of(array: Any) -> Any:
    """Return numbers as bytes 0 to 255.

    Bools are black and white, integers are cut at 0 and 255, floats between 0 and 1 are scaled; floats beyond
    that are scaled from their least to their greatest. What is not finite is black.
    """
    numpy = loaded_numpy()
    if array.dtype.kind == "b":
        return array.astype("u1") * numpy.uint8(255)
    if array.dtype.kind in "iu":
        return array.clip(0, 255).astype("u1")
    finite = numpy.isfinite(array)
    array = numpy.where(finite, array, 0.0).astype("f8")
    low, high = (float(array[finite].min()), float(array[finite].max())) if finite.any() else (0.0, 0.0)
    if low < 0 or high > 1:
        array = (array - low) / ((high - low) or 1.0)
    return (array.clip(0, 1) * 255 * finite).round().astype("u1")
