"""A data set and models as artifacts: made by one run, used by the next, versions and aliases known to both.

python examples/artifacts.py
"""

import csv
import random
from pathlib import Path

import runhooks


def make_data(rows: int = 200, slope: float = 3.0) -> None:
    """Log a data set; equal data makes no new version."""
    source = random.Random(0)
    with runhooks.init(project="line", job_type="data") as run:
        data = runhooks.Artifact("points", "dataset", metadata={"rows": rows})
        with data.new_file("points.csv") as file:
            table = csv.writer(file)
            for _ in range(rows):
                x = source.random()
                table.writerow([x, slope * x + source.gauss(0, 0.1)])
        run.log_artifact(data).wait()


def train(steps: int = 60, lr: float = 0.5) -> None:
    """Fit a line to the latest data, and log a model every 20 steps; the best one so far is called so."""
    with runhooks.init(project="line", job_type="train", config={"lr": lr}) as run:
        folder = Path(run.use_artifact("points:latest", type="dataset").download())
        points = [tuple(map(float, row)) for row in csv.reader(folder.joinpath("points.csv").open())]
        slope, best = 0.0, float("inf")
        for step in range(1, steps + 1):
            slope -= lr * sum(2 * x * (slope * x - y) for x, y in points) / len(points)
            loss = sum((slope * x - y) ** 2 for x, y in points) / len(points)
            run.log({"loss": loss, "slope": slope})
            if step % 20 == 0:
                model = runhooks.Artifact("line-model", "model", metadata={"step": step, "loss": loss})
                with model.new_file("slope.txt") as file:
                    file.write(repr(slope))
                run.log_artifact(model, aliases=["best"] if loss < best else [])
                best = min(best, loss)


if __name__ == "__main__":
    make_data()
    train()
