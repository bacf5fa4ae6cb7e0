"""Pictures, sound, tables and the like, made by the libraries that people use, in one run.

python examples/media.py --steps 8
"""

import argparse
import math

import matplotlib as mpl
import numpy as np
import pandas as pd
import plotly.graph_objects as go
import torch
from PIL import Image as Picture
from PIL import ImageDraw

import runhooks

mpl.use("agg")
import matplotlib.pyplot as plt

CLASSES = {0: "background", 1: "disc", 2: "square"}


def scene(step: int, size: int = 96) -> tuple[np.ndarray, np.ndarray, list[dict]]:
    """Return an image of a disc and a square, the class of each pixel, and their boxes."""
    y, x = np.mgrid[0:size, 0:size] / size
    classes = np.zeros((size, size), np.uint8)
    at = 0.3 + 0.05 * step
    classes[np.hypot(x - at, y - 0.4) < 0.18] = 1
    classes[(abs(x - 0.7) < 0.14) & (abs(y - 0.7) < 0.14)] = 2
    pixels = np.stack([x, y, np.full_like(x, 0.5)], axis=2)
    pixels[classes == 1] = (0.9, 0.8, 0.2)
    pixels[classes == 2] = (0.2, 0.7, 0.9)
    boxes = [
        {
            "position": {"middle": (at, 0.4), "width": 0.36, "height": 0.36},
            "class_id": 1,
            "scores": {"p": 0.5 + 0.05 * step},
        },
        {"position": {"minX": 0.56, "maxX": 0.84, "minY": 0.56, "maxY": 0.84}, "class_id": 2},
    ]
    return pixels, classes, boxes


def drawing(step: int) -> Picture.Image:
    """Return an image of Pillow."""
    picture = Picture.new("RGB", (160, 100), "white")
    ImageDraw.Draw(picture).ellipse((20, 10, 60 + 10 * step, 90), fill="tomato", outline="black")
    return picture


def figure(step: int) -> plt.Figure:
    """Return a figure of matplotlib."""
    drawn, axes = plt.subplots(figsize=(4, 2.5), layout="constrained")
    x = np.linspace(0, 6, 200)
    axes.plot(x, np.sin(x + step))
    axes.set_title("matplotlib")
    plt.close(drawn)
    return drawn


def film(frames: int = 12) -> np.ndarray:
    """Return frames by height by width by channels."""
    return np.stack([scene(n - 4)[0] for n in range(frames)])


def predictions(rows: int = 5_000) -> pd.DataFrame:
    """Return a table of mixed columns."""
    random = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "id": np.arange(rows),
            "text": [f"sample {n}" for n in range(rows)],
            "score": random.random(rows),
            "right": random.random(rows) > 0.3,
            "mixed": [n if n % 3 else f"text {n}" for n in range(rows)],
        }
    )


def cloud(points: int = 20_000) -> np.ndarray:
    """Return points on a torus, with colours."""
    random = np.random.default_rng(0)
    a, b = random.random((2, points)) * 2 * math.pi
    xyz = np.stack([(2 + np.cos(b)) * np.cos(a), (2 + np.cos(b)) * np.sin(a), np.sin(b)], axis=1)
    return np.concatenate(
        [xyz, np.stack([128 + 127 * np.cos(a), 128 + 127 * np.sin(b), a * 40], axis=1)], axis=1
    )


def scores(samples: int = 200) -> tuple[np.ndarray, np.ndarray]:
    """Return classes and the probabilities that a classifier gave them."""
    random = np.random.default_rng(0)
    labels = random.integers(0, 2, samples)
    right = np.clip(labels * 0.3 + random.random(samples) * 0.7, 0, 1)
    return labels, np.stack([1 - right, right], axis=1)


def log_all(steps: int = 8) -> None:
    """Log something of every kind, at every step."""
    torch.manual_seed(0)
    model = torch.nn.Linear(32, 32)
    wave = np.sin(np.arange(8_000) / 8_000 * 440 * 2 * np.pi)
    run = runhooks.init(project="media", config={"steps": steps})
    for step in range(steps):
        pixels, classes, boxes = scene(step)
        labels = {"class_labels": CLASSES}
        run.log(
            {
                "loss": 1 / (step + 1),
                "scene": runhooks.Image(
                    pixels,
                    caption=f"step {step}",
                    masks={"truth": {"mask_data": classes, **labels}},
                    boxes={"found": {"box_data": boxes, **labels}},
                ),
                "batch": [runhooks.Image(torch.rand(3, 24, 24), caption=f"sample {n}") for n in range(6)],
                "drawing": runhooks.Image(drawing(step), caption="Pillow"),
                "figure": figure(step),
                "weights": runhooks.Histogram(model.weight * (1 + step / 4)),
            }
        )
    run.log(
        {
            "film": runhooks.Video(film(), fps=6, caption="an animated PNG"),
            "tone": runhooks.Audio(wave, sample_rate=8_000, caption="440 Hz"),
            "page": runhooks.Html("<h1>HTML</h1><script>document.body.append('its script ran')</script>"),
            "predictions": runhooks.Table(dataframe=predictions()),
            "interactive": go.Figure(go.Scatter(y=[2, 1, 3], mode="lines+markers")),
            "torus": runhooks.Object3D(cloud()),
            "roc": runhooks.plot.roc_curve(*scores(), labels=["cat", "dog"]),
            "confusion": runhooks.plot.confusion_matrix(scores()[1], scores()[0], class_names=["cat", "dog"]),
        }
    )
    run.finish()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Something of every kind of media in one run.")
    parser.add_argument("--steps", type=int, default=8)
    log_all(parser.parse_args().steps)
